import type { Scope } from "@/lib/auth/scopes";

export type CallableKey = {
  readonly scopes: readonly Scope[];
  readonly pathPrefixes: readonly string[];
};

type Target = {
  readonly origin: string;
  readonly appId: string;
};

const GATEWAY_PATH = "topapi/v2/department/listsub";

/** The first call for each scope, most useful first. Each needs only its scope. */
const PATHS: readonly (readonly [Scope, (appId: string) => string])[] = [
  ["token:read", (appId) => `/api/v1/apps/${appId}/token`],
  ["directory:read", (appId) => `/api/v1/apps/${appId}/departments`],
  ["apps:read", () => "/api/v1/apps"],
  ["directory:sync", (appId) => `/api/v1/apps/${appId}/syncs`],
];

function gatewayLines({ scopes, pathPrefixes }: CallableKey, { appId }: Target): readonly string[] | null {
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

/** Returns the shell commands of a first call that the key's scopes allow. */
export function exampleCall(key: CallableKey, target: Target): string {
  const path = PATHS.find(([scope]) => key.scopes.includes(scope))?.[1](target.appId);
  const gateway = path === undefined ? gatewayLines(key, target) : null;
  const [options, call] = gateway ?? ["\\", path ?? "/api/v1/openapi.json"];
  return [
    "export DINGKEEP_KEY=…",
    `curl -H "Authorization: Bearer $DINGKEEP_KEY" ${options}`,
    `  ${target.origin}${call}`,
  ].join("\n");
}
