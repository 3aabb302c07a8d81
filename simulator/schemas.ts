import { z } from "zod";

/** Every input of the control. Its in-process and its HTTP form are parsed by the same schemas. */

/** An integer of any length: a bigint in-process, digits in a string over HTTP. */
const anyInteger = z
  .union([z.bigint(), z.number().int(), z.string().regex(/^-?\d{1,30}$/)])
  .transform((value) => BigInt(value));

const fields = z.record(z.string(), z.unknown());
const deptId = z.number().int();

/** What a person is beside name and departments. */
const personShape = {
  leaderOf: z.array(deptId).optional(),
  title: z.string().optional(),
  /** By department: what the person is called in it, and their rank in it. */
  titles: z.record(z.string(), z.string()).optional(),
  orders: z.record(z.string(), anyInteger).optional(),
  /** In no list that is not asked for people of limited access. */
  isAccessLimited: z.boolean().optional(),
  /** Wire fields that replace or extend the others; personal ones are shown by the same permissions. */
  fields: fields.optional(),
};

export const SIZES = { small: 30, company: 3_000, group: 20_000 } as const;

export const organizationInput = z.strictObject({
  corpId: z.string().min(1),
  name: z.string().min(1).default("钉守科技集团"),
  /** Departments below the root. */
  size: z
    .union([z.enum(["small", "company", "group"]), z.number().int().min(0).max(100_000)])
    .default("small"),
  seed: z.number().int().default(1),
});

export const organizationPatch = z.strictObject({
  status: z.enum(["active", "disabled", "dissolved"]),
});

/** What the reference marks uncertain (12.4), as switches. Each may be set for one app too. */
const settingsShape = {
  tokenLifetimeSeconds: z.number().int().positive(),
  /**
   * What a fetch gives while a token is valid: the same one renewed, the same one as it is, or a new one. A
   * third-party app's gives a new one unless that app says otherwise.
   */
  repeatedFetch: z.enum(["extended", "remaining", "new"]),
  /** Whether, where each fetch gives a new token, the ones before go on working. */
  olderTokens: z.enum(["live", "dead"]),
  /** What the answer's lifetime field holds. */
  lifetimeField: z.enum(["normal", "missing", "zero", "negative", "text"]),
  /** Whether the token endpoints share one token. */
  tokenEndpoints: z.enum(["same", "different"]),
  /** Whether a changed secret ends the tokens fetched with the one before. */
  secretReset: z.enum(["keeps", "kills"]),
  expiredTokenCode: z.union([z.literal(40014), z.literal(42001)]),
  /** Whether legacy department/list contains the department that was asked for. */
  rootRow: z.enum(["when_id_omitted", "always", "never"]),
  /** Whether legacy department/list descends when `fetch_child` is not given. */
  fetchChildWhenOmitted: z.boolean(),
  /** Closed: as for apps that were made after the legacy permission could no longer be applied for. */
  legacyDepartmentApi: z.enum(["open", "closed"]),
  /** Whether `dept_id_list` names departments outside the app's scope. */
  deptIdList: z.enum(["all", "in_scope"]),
  ipCheckedOn: z.enum(["calls", "tokens_too"]),
  /** Codes for an unknown key and for a missing token: the reference's, or those captured on 2026-09-11. */
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

/** Every permission that an endpoint of the simulator asks for, and the two that uncover fields. */
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
  /** Of a third-party app: further organizations that have authorized it, beside its first one. */
  customers: z.array(z.string().min(1)),
  /** Of a third-party app: the ticket that was pushed last; every other one is stale. */
  suiteTicket: z.string().min(1),
  scope,
  permissions: z.array(z.string()),
  /** Addresses, `1.2.3.*` and CIDR blocks; null lets everybody in. */
  ipAllowList: z.array(z.string()).nullable(),
  disabled: z.boolean(),
  /** False: the organization took its authorization back. */
  authorized: z.boolean(),
  /** Calls per second and API for this app; null means what the limits say. */
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
    /** Where the people of it and of all below it go who are in no other department. */
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
  /** Calls per second of one app on one API; null: no limit. */
  appApiPerSecond: z.number().int().positive().nullable(),
  /** The same of a third-party app for each of its customers. */
  suiteCorpApiPerSecond: z.number().int().positive().nullable(),
  /** Calls in 20 seconds from one address, after which it is banned for 5 minutes; null: no limit. */
  ipPer20Seconds: z.number().int().positive().nullable(),
  /** Calls of one organization in all; null: no limit. */
  monthlyCalls: z.number().int().nonnegative().nullable(),
  /** Whether reading departments and people counts, which DingTalk says it does not. */
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
  /** Changes the directory just before the call is answered, as somebody's edit in the middle of a sync would. */
  z.strictObject({ kind: z.literal("change"), corpId: z.string(), changes: z.array(directoryChange) }),
  /** Changes an app just before the call is answered: its scope shrinks, a permission is taken back. */
  z.strictObject({ kind: z.literal("change_app"), appKey: z.string(), patch: appPatch }),
  /** A yes without anything in it, as a list of nothing, where there is something. */
  z.strictObject({ kind: z.literal("empty") }),
]);
export type Fault = z.output<typeof fault>;

export const faultRule = z.strictObject({
  /** A path without the leading slash; a `*` at the end stands for the rest. Absent: every path. */
  path: z.string().optional(),
  appKey: z.string().optional(),
  corpId: z.string().optional(),
  /** The department or person that the call is about, whatever its address calls that parameter. */
  deptId: deptId.optional(),
  userid: z.string().optional(),
  /** Matching calls that go through before the first fault. */
  afterCalls: z.number().int().nonnegative().default(0),
  /** How often at most; absent: always. */
  times: z.number().int().positive().optional(),
  fault,
});
export type FaultRule = z.output<typeof faultRule>;
