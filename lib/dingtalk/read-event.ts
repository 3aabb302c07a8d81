import { createHash } from "node:crypto";
import { err, ok, type Result } from "@/lib/result";
import { fieldOf, idOf, listOf, objectOf, positiveIdOf, textOf } from "./read-fields";
import { type JsonObject, type JsonValue, parseJson } from "./read-json";

/**
 * Subject of an event.
 *
 * - `check`: DingTalk checks the callback's address
 * - `department`, `member`, `admin`: departments or members to read again
 * - `organization`: the organization's own data or scope, so the whole directory
 * - `label`: roles, which Dingkeep doesn't store
 */
export type EventTopic =
  | "check"
  | "department"
  | "member"
  | "admin"
  | "organization"
  | "label"
  | "suite_ticket"
  | "authorization"
  | "other";

const TOPICS: Readonly<Record<string, EventTopic>> = {
  check_url: "check",
  check_create_suite_url: "check",
  check_update_suite_url: "check",
  org_dept_create: "department",
  org_dept_modify: "department",
  org_dept_remove: "department",
  user_add_org: "member",
  user_modify_org: "member",
  user_leave_org: "member",
  user_active_org: "member",
  user_dept_change: "member",
  org_admin_add: "admin",
  org_admin_remove: "admin",
  org_change: "organization",
  org_update: "organization",
  org_remove: "organization",
  change_auth: "organization",
  org_suite_auth: "organization",
  org_suite_change: "organization",
  label_user_change: "label",
  label_conf_add: "label",
  label_conf_del: "label",
  label_conf_modify: "label",
  user_role_change: "label",
  org_role_add: "label",
  org_role_modify: "label",
  org_role_remove: "label",
  suite_ticket: "suite_ticket",
  tmp_auth_code: "authorization",
  suite_relieve: "authorization",
  org_suite_relieve: "authorization",
  org_micro_app_stop: "authorization",
  org_micro_app_restore: "authorization",
  org_micro_app_remove: "authorization",
};

export const topicOf = (type: string): EventTopic => (Object.hasOwn(TOPICS, type) && TOPICS[type]) || "other";

export type DingtalkEvent = {
  /** DingTalk's name, such as `org_dept_modify`. */
  readonly type: string;
  readonly corpId: string | null;
  /** Equal for every delivery of one event; `null` for an event that nothing distinguishes from a later one. */
  readonly dedupeKey: string | null;
  /** When the change happened, in milliseconds since the epoch; `null` for a missing or invalid time. */
  readonly bornAtMs: number | null;
  /** Decimal texts above 0. */
  readonly departmentIds: readonly string[];
  readonly userIds: readonly string[];
  readonly payload: JsonObject;
};

/** Facts of an event that stand outside its payload, as in a frame of Stream mode. */
export type EventEnvelope = {
  readonly type?: string | null;
  readonly eventId?: string | null;
  readonly corpId?: string | null;
  readonly bornAt?: string | null;
};

/** Times of ten digits are seconds. */
const MS_FROM = 100_000_000_000;
/** The year 9999, the last that ISO 8601 writes with four digits. */
const MS_MAX = 253_402_300_799_999;

/** Reads a time in milliseconds or seconds since the epoch; `null` for other values. */
export function timeOf(value: JsonValue | undefined): number | null {
  const stated = Number(idOf(value) ?? Number.NaN);
  const ms = stated < MS_FROM ? stated * 1_000 : stated;
  return Number.isFinite(ms) && ms > 0 && ms <= MS_MAX ? ms : null;
}

const firstTime = (...values: (JsonValue | undefined)[]): number | null =>
  values.map(timeOf).find((ms) => ms !== null) ?? null;

const idsOf = (payload: JsonObject, ...names: readonly string[]): readonly JsonValue[] =>
  names.flatMap((name) => listOf(fieldOf(payload, name)) ?? []);

const distinct = (ids: readonly (string | null)[]): string[] => [...new Set(ids.filter((id) => id !== null))];

/**
 * Reads the payload of an event in both documented shapes: keys in any case, times and ids as text or number, one id or
 * a list.
 *
 * @returns the error `syntax` for a text that is not a JSON object, `type` for an object without an event type
 * @see docs/dingtalk/events.md#payload-shapes
 */
export function readEvent(
  message: string,
  envelope: EventEnvelope = {},
): Result<DingtalkEvent, "syntax" | "type"> {
  const parsed = parseJson(message);
  const payload = parsed.ok ? objectOf(parsed.value) : null;
  if (payload === null) return err("syntax");
  const type = envelope.type ?? textOf(fieldOf(payload, "EventType"));
  if (type === null || type === "") return err("type");
  const corpId =
    envelope.corpId ?? textOf(fieldOf(payload, "CorpId")) ?? textOf(fieldOf(payload, "AuthCorpId"));
  const departmentIds = distinct(idsOf(payload, "deptId", "deptIds").map(positiveIdOf));
  const userIds = distinct(idsOf(payload, "userId", "userIds", "userIdList").map(textOf));
  const bornAtMs = firstTime(
    envelope.bornAt ?? undefined,
    fieldOf(payload, "EventTime"),
    fieldOf(payload, "timeStamp"),
  );
  const eventId =
    envelope.eventId ?? textOf(fieldOf(payload, "eventId")) ?? textOf(fieldOf(payload, "BizId"));
  const hashed = bornAtMs === null ? null : hashOf([corpId, type, departmentIds, userIds, bornAtMs]);
  return ok({ type, corpId, dedupeKey: eventId ?? hashed, bornAtMs, departmentIds, userIds, payload });
}

const hashOf = (parts: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
