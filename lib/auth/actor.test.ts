import { describe, expect, test } from "vitest";
import { grant, grantToKey, may } from "./actor";
import { LEAST_ROLE, type Permission } from "./permissions";
import { ROLES, type Role } from "./role";

/** Written out, so that a change of the table in the code needs a change here. */
const MAY: Record<Permission, Record<Role, boolean>> = {
  "organization.read": { viewer: true, admin: true, owner: true },
  "organization.rename": { viewer: false, admin: true, owner: true },
  "organization.setTimeZone": { viewer: false, admin: true, owner: true },
  "organization.setPersonal": { viewer: false, admin: true, owner: true },
  "organization.delete": { viewer: false, admin: false, owner: true },
  "app.read": { viewer: true, admin: true, owner: true },
  "app.connect": { viewer: false, admin: true, owner: true },
  "app.change": { viewer: false, admin: true, owner: true },
  "app.delete": { viewer: false, admin: true, owner: true },
  "directory.read": { viewer: true, admin: true, owner: true },
  "directory.sync": { viewer: false, admin: true, owner: true },
  "directory.decide": { viewer: false, admin: true, owner: true },
  "directory.readPersonal": { viewer: false, admin: true, owner: true },
  "call.read": { viewer: true, admin: true, owner: true },
  "webhook.read": { viewer: true, admin: true, owner: true },
  "webhook.manage": { viewer: false, admin: true, owner: true },
  "key.read": { viewer: false, admin: true, owner: true },
  "key.manage": { viewer: false, admin: true, owner: true },
  // Only API keys: browsers never receive tokens.
  "token.read": { viewer: false, admin: false, owner: false },
  "jsapi.sign": { viewer: false, admin: false, owner: false },
  "gateway.read": { viewer: false, admin: false, owner: false },
  "gateway.write": { viewer: false, admin: false, owner: false },
};

const cases = (Object.keys(MAY) as Permission[]).flatMap((permission) =>
  ROLES.map((role) => ({ permission, role, isAllowed: MAY[permission][role] })),
);

describe("roles", () => {
  test("the table of this test lists every permission", () => {
    expect(Object.keys(MAY).sort()).toEqual(Object.keys(LEAST_ROLE).sort());
  });

  test.each(cases)("may returns $isAllowed for $permission and $role", ({ permission, role, isAllowed }) => {
    expect(may({ role }, permission)).toBe(isAllowed);
    const ask = () => grant({ organizationId: "o", userId: "u", role }, permission);
    if (isAllowed) expect(ask()).toEqual({ organizationId: "o", userId: "u", role, keyId: null });
    else expect(ask).toThrow(expect.objectContaining({ code: "forbidden" }));
  });

  test("S1 an actor contains no session data", () => {
    const caller = { organizationId: "o", userId: "u", role: "owner", sessionId: "s" } as const;
    expect(grant(caller, "organization.read")).not.toHaveProperty("sessionId");
  });
});

describe("scopes", () => {
  test("scopes grant a key their own permissions and no role", () => {
    const key = { organizationId: "o", keyId: "k", scopes: new Set(["apps:read"]) };
    expect(grantToKey(key, "apps:read")).toEqual({
      organizationId: "o",
      role: null,
      userId: null,
      keyId: "k",
    });
    expect(() => grantToKey(key, "apps:manage")).toThrow(expect.objectContaining({ code: "forbidden" }));
    expect(may(grantToKey(key, "apps:read"), "app.read")).toBe(false);
  });
});
