import { err, ok, type Result } from "@/lib/result";
import { call, type DingtalkCaller } from "./call";
import type { Dingtalk } from "./client";
import { checkedDepartmentId } from "./department-id";
import {
  fieldOf,
  flagOf,
  idOf,
  listOf,
  objectOf,
  positiveIdOf,
  textOf,
  withDocumentedKeys,
} from "./read-fields";
import type { JsonObject, JsonValue } from "./read-json";
import { type ListedMember, type MemberDetail, toListedMember, toMemberDetail } from "./read-member";

export type * from "./read-member";
export { PERSONAL_FIELDS } from "./read-member";

export type MemberPage = {
  readonly members: readonly ListedMember[];
  /** `null`: that was the last page. */
  readonly nextCursor: string | null;
};

type Language = "zh_CN" | "en_US";

export type MemberPageRequest = {
  /** Decimal text above 0; `1` is the root. Its direct members only. */
  readonly departmentId: string;
  /** The page before this one's `nextCursor`; nothing for the first. */
  readonly cursor?: string | null;
  /** 1 to 100. */
  readonly size?: number;
  /** Whether personal values may leave the function. Without, they are nowhere: not in an error or log either. */
  readonly keepsPersonal: boolean;
  readonly language?: Language;
  readonly signal?: AbortSignal;
};

export type MemberRequest = {
  readonly userId: string;
  /** As a page's. */
  readonly keepsPersonal: boolean;
  readonly language?: Language;
  readonly signal?: AbortSignal;
};

type DepartmentCall = { readonly departmentId: string; readonly signal?: AbortSignal };
type CountCall = { readonly onlyActive: boolean; readonly signal?: AbortSignal };

/** DingTalk's greatest page. */
const SIZE_MAX = 100;

/**
 * One page of a department's direct members, with those whose contact data are restricted. Someone who was moved
 * between two calls can be on two pages, or on none.
 *
 * An answer in which any member lacks its id or name is refused as a whole, for a hole would read as a deletion.
 * So is one that promises more without a cursor that advances: that list would have no end.
 *
 * @throws {DingtalkError} `department_out_of_scope`, `department_gone`, `department_members_unreadable`,
 * `missing_permission`; any other kind
 * @throws the signal's reason when it aborts
 * @see docs/dingtalk/members.md#list-the-members-of-a-department
 */
export async function listMembers(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { departmentId, cursor, size = SIZE_MAX, keepsPersonal, language, signal }: MemberPageRequest,
): Promise<MemberPage> {
  const from = checkedCursor(cursor ?? "0");
  const id = checkedDepartmentId(departmentId);
  // By hand, since a number beyond 2^53 has no JSON
  const body = `{"dept_id":${id},"cursor":${from},"size":${checkedSize(size)},"contain_access_limit":true${asked(language)}}`;
  const read = (result: JsonObject) => toPage(result, { from, keepsPersonal });
  return post(dingtalk, caller, { api: "topapi/v2/user/list", body, read, signal });
}

/**
 * One person, with their manager and with their place in each of their departments.
 *
 * @throws {DingtalkError} `member_gone`, `member_out_of_scope`, `missing_permission`; any other kind
 * @throws the signal's reason when it aborts
 * @see docs/dingtalk/members.md#get-a-member
 */
export async function getMember(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { userId, keepsPersonal, language, signal }: MemberRequest,
): Promise<MemberDetail> {
  const body = `{"userid":${JSON.stringify(userId)}${asked(language)}}`;
  const read = (result: JsonObject) => toMemberDetail(result, keepsPersonal);
  return post(dingtalk, caller, { api: "topapi/v2/user/get", body, read, signal });
}

/**
 * The ids of a department's direct members, all at once. It is not limited by the app's scope: ids are in it whose
 * people cannot be read, so no removal may be made of it.
 *
 * @throws {DingtalkError} `department_gone`, `missing_permission`; any other kind
 * @throws the signal's reason when it aborts
 * @see docs/dingtalk/members.md#cheaper-lists
 */
export async function listMemberIds(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { departmentId, signal }: DepartmentCall,
): Promise<string[]> {
  const body = `{"dept_id":${checkedDepartmentId(departmentId)}}`;
  const read = (result: JsonObject) => toIds(result, "userid_list", textOf);
  return post(dingtalk, caller, { api: "topapi/user/listid", body, read, signal });
}

/**
 * How many people the organization has.
 *
 * @throws {DingtalkError} `missing_permission`; any other kind
 * @throws the signal's reason when it aborts
 * @see docs/dingtalk/members.md#cheaper-lists
 */
export async function countMembers(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { onlyActive, signal }: CountCall,
): Promise<number> {
  const body = `{"only_active":${onlyActive}}`;
  return post(dingtalk, caller, { api: "topapi/user/count", body, read: toCount, signal });
}

/**
 * The ids of the departments directly below one; no more limited by the app's scope than `listMemberIds`. Those of 0
 * and below are left out.
 *
 * @throws {DingtalkError} `department_gone`, `missing_permission`; any other kind
 * @throws the signal's reason when it aborts
 * @see docs/dingtalk/departments.md#list-child-department-ids
 */
export async function listSubDepartmentIds(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { departmentId, signal }: DepartmentCall,
): Promise<string[]> {
  const body = `{"dept_id":${checkedDepartmentId(departmentId)}}`;
  const read = (result: JsonObject) => toIds(result, "dept_id_list", idOf);
  const ids = await post(dingtalk, caller, { api: "topapi/v2/department/listsubid", body, read, signal });
  return ids.filter((id) => positiveIdOf(id) !== null);
}

type Post<T> = {
  readonly api: string;
  readonly body: string;
  /** Reads what is in `result`; the path of its error is within that. */
  readonly read: (result: JsonObject) => Result<T, string>;
  readonly signal: AbortSignal | undefined;
};

function post<T>(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { api, body, read, signal }: Post<T>,
): Promise<T> {
  const readAnswer = (answer: JsonObject): Result<T, string> => {
    const value = fieldOf(answer, "result");
    // Some samples show one object as a list of one
    const result = objectOf(Array.isArray(value) ? value[0] : value);
    if (result === null) return err("result");
    const outcome = read(result);
    return outcome.ok ? outcome : err(`result.${outcome.error}`);
  };
  return call(dingtalk, { host: "oapi", api, method: "POST", ...caller, body, read: readAnswer }, signal);
}

const asked = (language: Language | undefined): string =>
  language === undefined ? "" : `,"language":${JSON.stringify(language)}`;

function checkedCursor(cursor: string): string {
  if (/^(0|[1-9][0-9]{0,18})$/.test(cursor)) return cursor;
  throw new TypeError("a cursor is decimal text");
}

function checkedSize(size: number): number {
  if (Number.isInteger(size) && size >= 1 && size <= SIZE_MAX) return size;
  throw new TypeError(`a page has 1 to ${SIZE_MAX} members`);
}

const PAGE_FIELDS = ["has_more", "next_cursor", "list"];

type PageContext = { readonly from: string; readonly keepsPersonal: boolean };

function toPage(result: JsonObject, { from, keepsPersonal }: PageContext): Result<MemberPage, string> {
  const fields = withDocumentedKeys(result, PAGE_FIELDS);
  const items = listOf(fields.list);
  if (items === null) return err("list");
  // By id: a list that changes while it is read can show one person twice
  const members = new Map<string, ListedMember>();
  for (const [index, item] of items.entries()) {
    const object = objectOf(item);
    if (object === null) return err(`list.${index}`);
    const member = toListedMember(object, keepsPersonal);
    if (!member.ok) return err(`list.${index}.${member.error}`);
    members.set(member.value.userId, member.value);
  }

  const hasMore = flagOf(fields.has_more);
  if (hasMore === null) return err("has_more");
  const nextCursor = hasMore ? idOf(fields.next_cursor) : null;
  if (hasMore && (nextCursor === null || BigInt(nextCursor) <= BigInt(from))) return err("next_cursor");
  return ok({ members: [...members.values()], nextCursor });
}

function toIds(
  result: JsonObject,
  name: string,
  read: (value: JsonValue | undefined) => string | null,
): Result<string[], string> {
  const items = listOf(fieldOf(result, name));
  if (items === null) return err(name);
  const ids = new Set<string>();
  for (const [index, item] of items.entries()) {
    const id = read(item);
    if (id === null) return err(`${name}.${index}`);
    ids.add(id);
  }
  return ok([...ids]);
}

function toCount(result: JsonObject): Result<number, string> {
  const count = Number(idOf(fieldOf(result, "count")) ?? -1);
  return Number.isSafeInteger(count) && count >= 0 ? ok(count) : err("count");
}
