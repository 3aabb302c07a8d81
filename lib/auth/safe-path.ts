const BASE = "http://origin.invalid";
/** A backslash is a slash to browsers; spaces and control characters they fold away. */
const SUSPICIOUS = /[\\\p{Cc}\p{Z}\p{Cf}]/u;

/**
 * Where to go after signing in: a path of our own, or the start page (S5). One single `/` at the beginning,
 * nothing that a browser would fold away or read as a slash, and still our own origin once parsed.
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
