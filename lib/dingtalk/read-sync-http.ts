import { createHash } from "node:crypto";
import { type DingtalkEvent, timeOf } from "./read-event";
import { fieldOf, idOf, listOf, objectOf, positiveIdOf, textOf } from "./read-fields";
import { type JsonObject, type JsonValue, parseJson } from "./read-json";

/** Types of the push that carries the newest state of objects. @see docs/dingtalk/events.md#synchttp */
const SYNC_HTTP = /^SYNC_HTTP_PUSH_(?:HIGH|MEDIUM)$/;

const USER = "13";
const DEPARTMENT = "14";

/** Event types for entries without a `syncAction`. */
const TYPES: Readonly<Record<string, string>> = {
  "2": "suite_ticket",
  "4": "org_suite_auth",
  "7": "org_micro_app_change",
  [USER]: "user_modify_org",
  [DEPARTMENT]: "org_dept_modify",
  "16": "org_update",
};

export const isSyncHttp = ({ type }: Pick<DingtalkEvent, "type">): boolean => SYNC_HTTP.test(type);

/**
 * Splits a SyncHTTP push into one event for each entry. Entries of other kinds of data keep DingTalk's type as
 * `biz_type_<number>`. Entries that are not objects are left out.
 *
 * An entry's `dedupeKey` is DingTalk's upsert key, which is equal for later states of the same object.
 *
 * @see docs/dingtalk/events.md#synchttp
 */
export function readSyncHttp({ payload }: Pick<DingtalkEvent, "payload">): DingtalkEvent[] {
  const entries = listOf(fieldOf(payload, "bizData")) ?? [];
  return entries
    .map(objectOf)
    .filter((entry) => entry !== null)
    .map(toEvent);
}

function toEvent(entry: JsonObject): DingtalkEvent {
  const text = (name: string) => textOf(fieldOf(entry, name));
  const bizType = idOf(fieldOf(entry, "biz_type")) ?? "0";
  const [corpId, bizId] = [text("corp_id"), text("biz_id")];
  const data = dataOf(fieldOf(entry, "biz_data"));
  const upsertKey = [text("subscribe_id"), corpId, bizId, bizType];
  return {
    type: textOf(fieldOf(data, "syncAction")) ?? TYPES[bizType] ?? `biz_type_${bizType}`,
    corpId,
    dedupeKey: createHash("sha256").update(JSON.stringify(upsertKey)).digest("base64url"),
    bornAtMs: timeOf(fieldOf(entry, "gmt_modified")),
    departmentIds:
      bizType === DEPARTMENT ? [positiveIdOf(bizId ?? undefined)].filter((id) => id !== null) : [],
    userIds: bizType === USER && bizId !== null ? [bizId] : [],
    payload: { ...entry, biz_data: data },
  };
}

function dataOf(value: JsonValue | undefined): JsonObject {
  const parsed = typeof value === "string" ? parseJson(value) : null;
  return objectOf(parsed?.ok ? parsed.value : value) ?? {};
}
