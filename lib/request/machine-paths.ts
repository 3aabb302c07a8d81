const MACHINE_PATHS = /^\/(?:api\/v1|api\/callbacks|dingtalk|scim)(?:\/|$)/;

const PLAIN_PATH = /^(?:\/\w[\w.-]*)+$/;

/** Normalizes the path first, as Next does: `/api/v1/../auth/signout` is not a machine path. */
export function isMachinePath(path: string, ownUrl: string): boolean {
  if (PLAIN_PATH.test(path)) return MACHINE_PATHS.test(path);
  const { origin } = new URL(ownUrl);
  return URL.canParse(origin + path) && MACHINE_PATHS.test(new URL(origin + path).pathname);
}

const GATEWAY = "/dingtalk/";

export const isGatewayAddress = (raw: string): boolean => raw.startsWith(GATEWAY);
