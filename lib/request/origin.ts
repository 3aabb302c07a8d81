/** Paths of machines, which prove themselves by a key and never by a cookie. */
const MACHINE_PATHS = /^\/(?:api\/v1|dingtalk|scim)(?:\/|$)/;

/** A path that leads nowhere else: it has no segment of dots and nothing encoded. */
const PLAIN_PATH = /^(?:\/\w[\w.-]*)+$/;

/** Next reads `/api/v1/../auth/signout` as the path that it leads to, so the path has to be taken in that form. */
export function isMachinePath(path: string, ownUrl: string): boolean {
  if (PLAIN_PATH.test(path)) return MACHINE_PATHS.test(path);
  const { origin } = new URL(ownUrl);
  return URL.canParse(origin + path) && MACHINE_PATHS.test(new URL(origin + path).pathname);
}

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
  if (SAFE_METHODS.has(method) || isMachinePath(path, ownUrl)) return true;
  return origin === new URL(ownUrl).origin;
}
