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
  readResult,
  textOf,
  toIds,
  withDocumentedKeys,
} from "./read-fields";
import type { JsonObject } from "./read-json";
import { type ListedMember, type MemberDetail, toListedMember, toMemberDetail } from "./read-member";

export * from "./personal-fields";
export type * from "./read-member";

export type MemberPage = {
  readonly members: readonly ListedMember[];
  readonly nextCursor: string | null;
};

type Language = "zh_CN" | "en_US";

export type MemberPageRequest = {
  /** Decimal text above 0; `1` is the root. Only direct members are listed. */
  readonly departmentId: string;
  readonly cursor?: string | null;
  readonly size?: number;
  /** If false, personal values are discarded and appear in no result, error or log (S33). */
  readonly keepsPersonal: boolean;
  readonly language?: Language;
  readonly signal?: AbortSignal;
};

export type MemberRequest = {
  readonly userId: string;
  readonly keepsPersonal: boolean;
  readonly language?: Language;
  readonly signal?: AbortSignal;
};

type DepartmentCall = { readonly departmentId: string; readonly signal?: AbortSignal };
type CountCall = { readonly onlyActive: boolean; readonly signal?: AbortSignal };

const SIZE_MAX = 100;

/**
 * Reads one page of a department's direct members, including those with restricted contact data. A member who moves
 * between two calls can be on two pages or on none.
 *
 * An answer in which any member lacks its id or name is refused as a whole, because a missing member would look like
 * a deletion. An answer with more pages but without a larger cursor is refused too, because the list would not end.
 *
 * @throws {DingtalkError} `department_out_of_scope`, `department_gone`, `department_members_unreadable`,
 *   `missing_permission`
 * @see docs/dingtalk/members.md#list-the-members-of-a-department
 */
export async function listMembers(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { departmentId, cursor, size = SIZE_MAX, keepsPersonal, language, signal }: MemberPageRequest,
): Promise<MemberPage> {
  const from = checkedCursor(cursor ?? "0");
  const id = checkedDepartmentId(departmentId);
  const body = `{"dept_id":${id},"cursor":${from},"size":${checkedSize(size)},"contain_access_limit":true${languageField(language)}}`;
  const read = (result: JsonObject) => toPage(result, { from, keepsPersonal });
  return post(dingtalk, caller, { api: "topapi/v2/user/list", body, read, signal });
}

/**
 * Reads one member with their manager and their position in each department.
 *
 * @throws {DingtalkError} `member_gone`, `member_out_of_scope`, `missing_permission`
 * @see docs/dingtalk/members.md#get-a-member
 */
export async function getMember(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { userId, keepsPersonal, language, signal }: MemberRequest,
): Promise<MemberDetail> {
  const body = `{"userid":${JSON.stringify(userId)}${languageField(language)}}`;
  const read = (result: JsonObject) => toMemberDetail(result, keepsPersonal);
  return post(dingtalk, caller, { api: "topapi/v2/user/get", body, read, signal });
}

/**
 * Lists the ids of a department's direct members, without pages. The list ignores the app's contact scope and
 * contains members whom the app can't read, so removals must not be derived from it.
 *
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

/** @see docs/dingtalk/members.md#cheaper-lists */
export async function countMembers(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { onlyActive, signal }: CountCall,
): Promise<number> {
  const body = `{"only_active":${onlyActive}}`;
  return post(dingtalk, caller, { api: "topapi/user/count", body, read: toCount, signal });
}

type Post<T> = {
  readonly api: string;
  readonly body: string;
  readonly read: (result: JsonObject) => Result<T, string>;
  readonly signal: AbortSignal | undefined;
};

function post<T>(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { api, body, read, signal }: Post<T>,
): Promise<T> {
  const request = { host: "oapi", api, method: "POST", ...caller, body } as const;
  return call(dingtalk, { ...request, read: (answer) => readResult(answer, read) }, signal);
}

const languageField = (language: Language | undefined): string =>
  language === undefined ? "" : `,"language":${JSON.stringify(language)}`;

function checkedCursor(cursor: string): string {
  if (/^(0|[1-9][0-9]{0,18})$/.test(cursor)) return cursor;
  throw new TypeError("a cursor must be decimal text");
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
  // A list that changes while DingTalk reads it can contain a member twice
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

function toCount(result: JsonObject): Result<number, string> {
  const count = Number(idOf(fieldOf(result, "count")) ?? -1);
  return Number.isSafeInteger(count) && count >= 0 ? ok(count) : err("count");
}
