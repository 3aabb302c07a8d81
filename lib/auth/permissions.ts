import type { Role } from "./role";

/** The minimum role of each permission; `null` means only API keys. All other code names permissions, never roles. */
export const LEAST_ROLE = {
  "organization.read": "viewer",
  "organization.rename": "admin",
  "organization.setTimeZone": "admin",
  "organization.setPersonal": "admin",
  "organization.delete": "owner",
  "app.read": "viewer",
  "app.connect": "admin",
  "app.change": "admin",
  "app.delete": "admin",
  "directory.read": "viewer",
  "directory.sync": "admin",
  "directory.decide": "admin",
  "directory.readPersonal": "admin",
  "call.read": "viewer",
  "webhook.read": "viewer",
  "webhook.manage": "admin",
  "key.read": "admin",
  "key.manage": "admin",
  "token.read": null,
  "jsapi.sign": null,
  "gateway.read": null,
  "gateway.write": null,
} as const satisfies Record<string, Role | null>;

export type Permission = keyof typeof LEAST_ROLE;
