import { AdaptiveConcurrency } from "@/lib/dingtalk/adaptive-concurrency";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { getScopes } from "@/lib/dingtalk/contact-scope";
import {
  type Department,
  type DepartmentDetail,
  getDepartment,
  listDepartmentsLegacy,
  listSubDepartmentIds,
  listSubDepartments,
} from "@/lib/dingtalk/departments";
import { DingtalkError } from "@/lib/dingtalk/errors";
import {
  countMembers,
  getMember,
  listMemberIds,
  listMembers,
  type MemberDetail,
  type MemberPage,
} from "@/lib/dingtalk/members";
import type { JsonObject } from "@/lib/dingtalk/read-json";
import type { Scope } from "../../runs/run-reasons";

/** DingTalk's route of each call. Calls are counted and limited by route. */
export const ROUTES = {
  scopes: "auth/scopes",
  listSub: "topapi/v2/department/listsub",
  listAll: "department/list",
  get: "topapi/v2/department/get",
  listMembers: "topapi/v2/user/list",
  getMember: "topapi/v2/user/get",
  listSubIds: "topapi/v2/department/listsubid",
  listMemberIds: "topapi/user/listid",
} as const;

export type ConcurrentCall = "listSub" | "get" | "listMembers" | "getMember";
/** The concurrent calls of a verify run. Both return ids outside of the app's scope too. */
export type ConcurrentIdsCall = "listSubIds" | "listMemberIds";

/** The calls that reading a directory needs. Each heeds the signal and may throw any kind of error. */
export type DirectoryCalls = {
  readonly scopes: (signal: AbortSignal) => Promise<Scope>;
  readonly listSub: (departmentId: string, signal: AbortSignal) => Promise<readonly Department[]>;
  readonly get: (departmentId: string, signal: AbortSignal) => Promise<DepartmentDetail>;
  /** Returns all levels below in one answer; `null` when DingTalk is known to refuse the app. */
  readonly listAll: ((departmentId: string, signal: AbortSignal) => Promise<readonly Department[]>) | null;
  readonly listMembers: (
    departmentId: string,
    cursor: string | null,
    signal: AbortSignal,
  ) => Promise<MemberPage>;
  /** Returns everyone directly in a department, also outside of the app's scope, in one page. */
  readonly listMemberIds: (departmentId: string, signal: AbortSignal) => Promise<readonly string[]>;
  readonly getMember: (userId: string, signal: AbortSignal) => Promise<MemberDetail>;
  readonly concurrencyOf: (calls: ConcurrentCall) => number;
};

/** The calls of a verify run: ids without pages, and single lookups of unknown ids. */
export type VerifyCalls = Pick<DirectoryCalls, "scopes" | "get" | "getMember" | "listMemberIds"> & {
  readonly listSubIds: (departmentId: string, signal: AbortSignal) => Promise<readonly string[]>;
  readonly countMembers: (signal: AbortSignal) => Promise<number>;
  readonly concurrencyOf: (calls: ConcurrentIdsCall) => number;
};

export type CallsOptions = {
  /** Reads personal fields of members (S33). */
  readonly keepsPersonal?: boolean;
  readonly triesWhole?: boolean;
};

/** The rate limit of DingTalk's standard edition, for a caller without its own. @see docs/dingtalk/limits.md */
const CALLS_PER_SECOND = 20;

export function directoryCalls(
  way: Dingtalk,
  caller: DingtalkCaller,
  { keepsPersonal = false, triesWhole = false }: CallsOptions = {},
): DirectoryCalls {
  const { dingtalk, concurrencyOf } = withConcurrency(way, caller);
  return {
    concurrencyOf,
    scopes: (signal) => getScope(dingtalk, caller, signal),
    listSub: (departmentId, signal) => listSubDepartments(dingtalk, caller, { departmentId, signal }),
    get: (departmentId, signal) => getDepartment(dingtalk, caller, { departmentId, signal }),
    listAll: triesWhole
      ? async (departmentId, signal) =>
          (await listDepartmentsLegacy(dingtalk, caller, { departmentId, isRecursive: true, signal })).map(
            withListNames,
          )
      : null,
    listMembers: (departmentId, cursor, signal) =>
      listMembers(dingtalk, caller, { departmentId, cursor, keepsPersonal, signal }),
    listMemberIds: (departmentId, signal) => listMemberIds(dingtalk, caller, { departmentId, signal }),
    getMember: (userId, signal) => getMember(dingtalk, caller, { userId, keepsPersonal, signal }),
  };
}

export function verifyCalls(way: Dingtalk, caller: DingtalkCaller): VerifyCalls {
  const { dingtalk, concurrencyOf } = withConcurrency(way, caller);
  return {
    concurrencyOf,
    scopes: (signal) => getScope(dingtalk, caller, signal),
    listSubIds: (departmentId, signal) => listSubDepartmentIds(dingtalk, caller, { departmentId, signal }),
    listMemberIds: (departmentId, signal) => listMemberIds(dingtalk, caller, { departmentId, signal }),
    countMembers: (signal) => countMembers(dingtalk, caller, { onlyActive: false, signal }),
    get: (departmentId, signal) => getDepartment(dingtalk, caller, { departmentId, signal }),
    getMember: (userId, signal) => getMember(dingtalk, caller, { userId, keepsPersonal: false, signal }),
  };
}

async function getScope(dingtalk: Dingtalk, caller: DingtalkCaller, signal: AbortSignal): Promise<Scope> {
  const { departmentIds, userIds } = await getScopes(dingtalk, caller, signal);
  return { departmentIds, userIds };
}

function withConcurrency(way: Dingtalk, caller: DingtalkCaller) {
  const routes = new Map<string, AdaptiveConcurrency>();
  const routeOf = (api: string): AdaptiveConcurrency => {
    const known = routes.get(api) ?? new AdaptiveConcurrency(caller.callsPerSecond ?? CALLS_PER_SECOND);
    routes.set(api, known);
    return known;
  };
  const dingtalk: Dingtalk = {
    ...way,
    onAttempt(attempt) {
      routeOf(attempt.api).observe(attempt.durationMs);
      way.onAttempt(attempt);
    },
  };
  return {
    dingtalk,
    concurrencyOf: (calls: ConcurrentCall | ConcurrentIdsCall) => routeOf(ROUTES[calls]).count,
  };
}

const SPELLINGS: Readonly<Record<string, string>> = {
  createDeptGroup: "create_dept_group",
  autoAddUser: "auto_add_user",
};

/** Uses the field names of `listSub`, so that a change between the two calls is no change of the department. */
function withListNames(department: Department): Department {
  const extra: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(department.extra)) extra[SPELLINGS[key] ?? key] = value;
  return { ...department, extra };
}

const isKind = (error: unknown, ...kinds: DingtalkError["kind"][]): boolean =>
  error instanceof DingtalkError && kinds.includes(error.kind);

export const isGone = (error: unknown): boolean => isKind(error, "department_gone");

/** Returns whether the app may not read it. DingTalk sometimes returns the code for members for a department. */
export const isOutOfScope = (error: unknown): boolean =>
  isKind(error, "department_out_of_scope", "member_out_of_scope");

export const isRefused = (error: unknown): boolean => isGone(error) || isOutOfScope(error);

export const isMemberGone = (error: unknown): boolean => isKind(error, "member_gone");

/** Returns whether the app lacks the permission for the call, no matter for which id. */
export const isNotPermitted = (error: unknown): boolean => isKind(error, "missing_permission");

export const isMembersRefused = (error: unknown): boolean => isKind(error, "department_members_unreadable");
