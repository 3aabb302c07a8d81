import { z } from "zod";

// Inputs of the simulator's control interface, in-process and over HTTP.

const anyInteger = z
  .union([z.bigint(), z.number().int(), z.string().regex(/^-?\d{1,30}$/)])
  .transform((value) => BigInt(value));

const fields = z.record(z.string(), z.unknown());
const deptId = z.number().int();

const personShape = {
  leaderOf: z.array(deptId).optional(),
  title: z.string().optional(),
  titles: z.record(z.string(), z.string()).optional(),
  orders: z.record(z.string(), anyInteger).optional(),
  /** Excludes the person from lists without `contain_access_limit`. */
  isAccessLimited: z.boolean().optional(),
  /** Replace or extend the generated fields in answers. Personal fields need the same permissions. */
  fields: fields.optional(),
};

export const SIZES = { small: 30, company: 3_000, group: 20_000 } as const;

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

/**
 * Variants of DingTalk's undocumented behavior. Each can also be set for one app.
 *
 * @see docs/dingtalk/open-questions.md
 */
const settingsShape = {
  tokenLifetimeSeconds: z.number().int().positive(),
  /**
   * Result of a fetch while a token is valid: the same token with a later or an unchanged expiry, or a new token. The
   * default for third-party apps is a new token.
   */
  repeatedFetch: z.enum(["extended", "remaining", "new"]),
  /** State of older tokens after a fetch returned a new token. */
  olderTokens: z.enum(["live", "dead"]),
  /** Value of the lifetime field in the answer. */
  lifetimeField: z.enum(["normal", "missing", "zero", "negative", "text"]),
  /** True if the token endpoints return one shared token. */
  tokenEndpoints: z.enum(["same", "different"]),
  secretReset: z.enum(["keeps", "kills"]),
  expiredTokenCode: z.union([z.literal(40014), z.literal(42001)]),
  /** When the legacy department/list includes the requested department itself. */
  rootRow: z.enum(["when_id_omitted", "always", "never"]),
  /** True if the legacy department/list is recursive when `fetch_child` is omitted. */
  fetchChildWhenOmitted: z.boolean(),
  /** Closed for apps that were created after DingTalk withdrew the legacy permission. */
  legacyDepartmentApi: z.enum(["open", "closed"]),
  /** Contents of `dept_id_list`: all departments of the member, or only those in the app's scope. */
  deptIdList: z.enum(["all", "in_scope"]),
  ipCheckedOn: z.enum(["calls", "tokens_too"]),
  /** Codes for an unknown key and a missing token: the documented ones, or those captured on 2026-09-11. */
  edgeCodes: z.enum(["reference", "captured"]),
};

export const settingsPatch = z.strictObject(settingsShape).partial();
export type Settings = z.output<z.ZodObject<typeof settingsShape>>;

export const SETTINGS_DEFAULT: Settings = {
  tokenLifetimeSeconds: 7_200,
  repeatedFetch: "extended",
  olderTokens: "live",
  lifetimeField: "normal",
  tokenEndpoints: "same",
  secretReset: "keeps",
  expiredTokenCode: 40014,
  rootRow: "when_id_omitted",
  fetchChildWhenOmitted: true,
  legacyDepartmentApi: "open",
  deptIdList: "all",
  ipCheckedOn: "calls",
  edgeCodes: "reference",
};

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

const limitsShape = {
  /** Calls per second of one app on one API; null for no limit. */
  appApiPerSecond: z.number().int().positive().nullable(),
  /** Calls per second of a third-party app on one API for each customer; null for no limit. */
  suiteCorpApiPerSecond: z.number().int().positive().nullable(),
  /** Calls in 20 seconds from one address, after which it is banned for 5 minutes; null for no limit. */
  ipPer20Seconds: z.number().int().positive().nullable(),
  /** Per organization; null for no limit. */
  monthlyCalls: z.number().int().nonnegative().nullable(),
  /** Calls outside the monthly quota: reads of departments and members, as DingTalk documents, or none. */
  monthlyCallsExempt: z.enum(["contact", "none"]),
};

export const limitsPatch = z.strictObject(limitsShape).partial();
export type Limits = z.output<z.ZodObject<typeof limitsShape>>;

export const LIMITS_DEFAULT: Limits = {
  appApiPerSecond: 20,
  suiteCorpApiPerSecond: 40,
  ipPer20Seconds: null,
  monthlyCalls: null,
  monthlyCallsExempt: "contact",
};

const fault = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("latency"), latencyMs: z.number().int().nonnegative() }),
  z.strictObject({
    kind: z.literal("status"),
    status: z.number().int().min(200).max(599),
    code: z.string().default("systemError"),
    message: z.string().default("系统错误"),
  }),
  z.strictObject({
    kind: z.literal("errcode"),
    errcode: z.number().int(),
    errmsg: z.string().default("系统繁忙"),
    subCode: z.string().optional(),
    subMsg: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal("body"),
    body: z.string(),
    status: z.number().int().min(200).max(599).default(200),
    contentType: z.string().default("application/json"),
  }),
  z.strictObject({ kind: z.literal("redirect"), location: z.string() }),
  z.strictObject({ kind: z.literal("ban_page") }),
  z.strictObject({ kind: z.literal("ban_body") }),
  z.strictObject({ kind: z.literal("malformed_json") }),
  z.strictObject({ kind: z.literal("gateway_timeout") }),
  z.strictObject({ kind: z.literal("reset") }),
  z.strictObject({ kind: z.literal("hang") }),
  z.strictObject({ kind: z.literal("truncated") }),
  z.strictObject({ kind: z.literal("endless") }),
  z.strictObject({ kind: z.literal("gzip_bomb"), mebibytes: z.number().int().positive().default(1_024) }),
  z.strictObject({ kind: z.literal("deep_json"), depth: z.number().int().positive().default(100_000) }),
  /** Changes the directory before the answer, like an edit during a sync. */
  z.strictObject({ kind: z.literal("change"), corpId: z.string(), changes: z.array(directoryChange) }),
  /** Changes an app before the answer, for example its scope or permissions. */
  z.strictObject({ kind: z.literal("change_app"), appKey: z.string(), patch: appPatch }),
  z.strictObject({ kind: z.literal("empty") }),
]);
export type Fault = z.output<typeof fault>;

export const faultRule = z.strictObject({
  /** Path without the leading slash; a final `*` matches the rest. Default: every path. */
  path: z.string().optional(),
  appKey: z.string().optional(),
  corpId: z.string().optional(),
  /** Department or member of the call, whatever the name of the parameter. */
  deptId: deptId.optional(),
  userid: z.string().optional(),
  /** Number of matching calls before the first fault. */
  afterCalls: z.number().int().nonnegative().default(0),
  /** Maximum number of faults; absent for no maximum. */
  times: z.number().int().positive().optional(),
  fault,
});
export type FaultRule = z.output<typeof faultRule>;
