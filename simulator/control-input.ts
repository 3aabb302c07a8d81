import { z } from "zod";
import { settingsPatch } from "./settings";

// Inputs of the simulator's control interface, in-process and over HTTP.

const anyInteger = z
  .union([z.bigint(), z.number().int(), z.string().regex(/^-?\d{1,30}$/)])
  .transform((value) => BigInt(value));

const fields = z.record(z.string(), z.unknown());
export const deptId = z.number().int();

const personShape = {
  leaderOf: z.array(deptId).optional(),
  title: z.string().optional(),
  titles: z.record(z.string(), z.string()).optional(),
  orders: z.record(z.string(), anyInteger).optional(),
  /** Excludes the person from lists without `contain_access_limit`. */
  isAccessLimited: z.boolean().optional(),
  isAdmin: z.boolean().optional(),
  /** Replace or extend the generated fields in answers. Personal fields need the same permissions. */
  fields: fields.optional(),
};

export const organizationInput = z.strictObject({
  corpId: z.string().min(1),
  name: z.string().min(1).default("钉守科技集团"),
  size: z
    .union([z.enum(["small", "company", "group"]), z.number().int().min(0).max(100_000)])
    .default("small"),
  seed: z.number().int().default(1),
});

export const organizationPatch = z.strictObject({
  status: z.enum(["active", "disabled", "dissolved"]),
});

export const PERMISSIONS = [
  "qyapi_base",
  "qyapi_get_department_list",
  "qyapi_get_department_member",
  "qyapi_get_member",
  "qyapi_addresslist_search",
  "fieldMobile",
  "fieldEmail",
] as const;

export const DEFAULT_SUITE_TICKET = "simulated-suite-ticket-for-tests-only";

const scope = z.strictObject({
  departments: z.array(deptId).default([]),
  users: z.array(z.string()).default([]),
});

const appShape = {
  appKey: z.string().min(1),
  appSecret: z.string().min(1),
  corpId: z.string().min(1),
  kind: z.enum(["internal", "isv"]),
  /** For third-party apps: other organizations that authorized the app. */
  customers: z.array(z.string().min(1)),
  /** For third-party apps: the only valid ticket. */
  suiteTicket: z.string().min(1),
  scope,
  permissions: z.array(z.string()),
  /** Addresses, `1.2.3.*` and CIDR blocks; null allows all. */
  ipAllowList: z.array(z.string()).nullable(),
  disabled: z.boolean(),
  /** False if the organization withdrew its authorization. */
  authorized: z.boolean(),
  /** Calls per second and API for this app; null uses the general limit. */
  qps: z.number().int().positive().nullable(),
  settings: settingsPatch,
};

export const appInput = z.strictObject({
  ...appShape,
  kind: appShape.kind.default("internal"),
  customers: appShape.customers.default([]),
  suiteTicket: appShape.suiteTicket.default(DEFAULT_SUITE_TICKET),
  scope: scope.default({ departments: [1], users: [] }),
  permissions: appShape.permissions.default([...PERMISSIONS]),
  ipAllowList: appShape.ipAllowList.default(null),
  disabled: appShape.disabled.default(false),
  authorized: appShape.authorized.default(true),
  qps: appShape.qps.default(null),
  settings: settingsPatch.default({}),
});
export type App = z.output<typeof appInput>;

export const appPatch = z.strictObject(appShape).omit({ appKey: true }).partial();

export const directoryChange = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.literal("add_department"),
    parentId: deptId,
    name: z.string(),
    id: deptId.optional(),
    order: anyInteger.optional(),
    fields: fields.optional(),
  }),
  z.strictObject({ op: z.literal("rename_department"), id: deptId, name: z.string() }),
  z.strictObject({ op: z.literal("move_department"), id: deptId, parentId: deptId }),
  z.strictObject({ op: z.literal("order_department"), id: deptId, order: anyInteger }),
  z.strictObject({ op: z.literal("set_department_fields"), id: deptId, fields }),
  z.strictObject({
    op: z.literal("remove_department"),
    id: deptId,
    /** Destination of members without another department. */
    people: z.enum(["to_parent", "leave"]).default("to_parent"),
  }),
  z.strictObject({
    op: z.literal("add_person"),
    name: z.string(),
    departments: z.array(deptId).min(1),
    userid: z.string().min(1).optional(),
    ...personShape,
  }),
  z.strictObject({
    op: z.literal("change_person"),
    userid: z.string(),
    name: z.string().optional(),
    departments: z.array(deptId).min(1).optional(),
    isActive: z.boolean().optional(),
    ...personShape,
  }),
  z.strictObject({ op: z.literal("remove_person"), userid: z.string() }),
]);
export type DirectoryChange = z.output<typeof directoryChange>;

export const churnInput = z.strictObject({
  count: z.number().int().positive().max(100_000),
  seed: z.number().int().default(1),
});
