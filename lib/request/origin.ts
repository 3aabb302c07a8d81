const MACHINE_PATHS = /^\/(?:api\/v1|dingtalk|scim)(?:\/|$)/;

const PLAIN_PATH = /^(?:\/\w[\w.-]*)+$/;

/** Normalizes the path first, as Next does: `/api/v1/../auth/signout` is not a machine path. */
export function isMachinePath(path: string, ownUrl: string): boolean {
  if (PLAIN_PATH.test(path)) return MACHINE_PATHS.test(path);
  const { origin } = new URL(ownUrl);
  return URL.canParse(origin + path) && MACHINE_PATHS.test(new URL(origin + path).pathname);
}

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
