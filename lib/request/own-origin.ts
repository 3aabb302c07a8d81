import { isMachinePath } from "./machine-paths";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Requires Dingkeep's own `Origin` for server actions and next-auth's POSTs (S4). Next itself accepts a missing `Origin`
 * and compares it with a header that clients can send.
 */
export function isOwnOrigin(
  method: string,
  path: string,
  origin: string | undefined,
  ownUrl: string,
): boolean {
  if (SAFE_METHODS.has(method) || isMachinePath(path, ownUrl)) return true;
  return origin === new URL(ownUrl).origin;
}
