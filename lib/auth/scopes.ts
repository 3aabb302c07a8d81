import type { Permission } from "./permissions";

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
  "events:read": ["webhook.read"],
  "webhooks:manage": ["webhook.read", "webhook.manage"],
} as const satisfies Record<string, readonly Permission[]>;

export type Scope = keyof typeof PERMISSIONS;
export type PermissionOf<S extends Scope> = (typeof PERMISSIONS)[S][number];

/** In the order of the form. */
export const SCOPES = Object.keys(PERMISSIONS) as readonly Scope[];
