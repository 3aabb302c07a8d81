const BASE = "http://origin.invalid";
/** Browsers read a backslash as a slash and remove spaces and control characters. */
const SUSPICIOUS = /[\\\p{Cc}\p{Z}\p{Cf}]/u;

/**
 * Returns `next` if it is a path of the same origin, else `fallback` (S5). Rejects characters that browsers rewrite.
 */
export function safePath(next: unknown, fallback = "/"): string {
  if (typeof next !== "string" || !/^\/(?!\/)/.test(next) || SUSPICIOUS.test(next)) return fallback;
  let parsed: URL;
  try {
    parsed = new URL(next, BASE);
  } catch {
    return fallback;
  }
  if (parsed.origin !== BASE || parsed.pathname.startsWith("//")) return fallback;
  return parsed.pathname + parsed.search + parsed.hash;
}
