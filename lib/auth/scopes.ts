import type { Permission } from "./permissions";

/** What each scope of an API key lets it do: the one place that says so. */
const PERMISSIONS = {
  "apps:read": ["app.read"],
  "apps:manage": ["app.read", "app.connect", "app.change", "app.delete"],
  "token:read": ["token.read"],
  "jsapi:sign": ["jsapi.sign"],
  "gateway:read": ["gateway.read"],
  "gateway:write": ["gateway.read", "gateway.write"],
  "directory:read": ["directory.read"],
  "directory:sync": ["directory.read", "directory.sync"],
  "directory:decide": ["directory.read", "directory.decide"],
  "directory:personal": ["directory.readPersonal"],
} as const satisfies Record<string, readonly Permission[]>;

export type Scope = keyof typeof PERMISSIONS;
export type PermissionOf<S extends Scope> = (typeof PERMISSIONS)[S][number];

/** Every scope, in the order in which people are asked. */
export const SCOPES = Object.keys(PERMISSIONS) as readonly Scope[];
