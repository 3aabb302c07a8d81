import { z } from "zod";
import { appPatch, deptId, directoryChange } from "./control-input";

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
