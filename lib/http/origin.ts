/** Paths of machines, which prove themselves by a key or a signature and never by a cookie. */
const MACHINE_PATHS = /^\/(?:api\/v1|api\/callbacks|dingtalk|scim)(?:\/|$)/;

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a request that could change something comes from our own pages (S4): server actions and next-auth's
 * POSTs need an `Origin` equal to our address. Next itself lets a missing one through, and compares with a
 * header that a client can send.
 */
export function isOwnOrigin(
  method: string,
  path: string,
  origin: string | undefined,
  ownUrl: string,
): boolean {
  if (SAFE_METHODS.has(method) || MACHINE_PATHS.test(path)) return true;
  return origin === new URL(ownUrl).origin;
}
