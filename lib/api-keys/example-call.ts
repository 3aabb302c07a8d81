import type { Scope } from "@/lib/auth/scopes";

/** The rights of a new key that decide which first call it may make. */
export type CallableKey = {
  readonly scopes: readonly Scope[];
  /** Beginnings of the gateway's paths; none: any. */
  readonly pathPrefixes: readonly string[];
};

type Place = {
  readonly origin: string;
  /** An app that the key may touch. */
  readonly appId: string;
};

const GATEWAY_PATH = "topapi/v2/department/listsub";

/** The first call by scope, the most useful ones first. Each works with its scope alone. */
const PATHS: readonly (readonly [Scope, (appId: string) => string])[] = [
  ["token:read", (appId) => `/api/v1/apps/${appId}/token`],
  ["directory:read", (appId) => `/api/v1/apps/${appId}/departments`],
  ["apps:read", () => "/api/v1/apps"],
  ["directory:sync", (appId) => `/api/v1/apps/${appId}/syncs`],
];

function gatewayLines({ scopes, pathPrefixes }: CallableKey, { appId }: Place): readonly string[] | null {
  const mayCall = scopes.some((scope) => scope === "gateway:read" || scope === "gateway:write");
  const isInside =
    pathPrefixes.length === 0 || pathPrefixes.some((prefix) => GATEWAY_PATH.startsWith(prefix));
  return mayCall && isInside
    ? [
        `-H "dingkeep-app: ${appId}" -H "Content-Type: application/json" \\`,
        `/dingtalk/${GATEWAY_PATH} -d '{"dept_id":1}'`,
      ]
    : null;
}

/**
 * Returns the shell commands of a first call that the key's scopes allow. A key whose scopes only write or add to
 * others reads the API's description.
 */
export function exampleCall(key: CallableKey, place: Place): string {
  const path = PATHS.find(([scope]) => key.scopes.includes(scope))?.[1](place.appId);
  const gateway = path === undefined ? gatewayLines(key, place) : null;
  const [options, call] = gateway ?? ["\\", path ?? "/api/v1/openapi.json"];
  return [
    "export DINGKEEP_KEY=…",
    `curl -H "Authorization: Bearer $DINGKEEP_KEY" ${options}`,
    `  ${place.origin}${call}`,
  ].join("\n");
}
