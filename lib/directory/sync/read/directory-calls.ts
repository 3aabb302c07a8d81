import type { DingtalkCaller } from "@/lib/dingtalk/call";
import { CallsAtOnce } from "@/lib/dingtalk/calls-at-once";
import type { Dingtalk } from "@/lib/dingtalk/client";
import {
  type Department,
  type DepartmentDetail,
  getDepartment,
  listDepartmentsLegacy,
  listSubDepartments,
} from "@/lib/dingtalk/departments";
import {
  countMembers,
  getMember,
  listMemberIds,
  listMembers,
  listSubDepartmentIds,
  type MemberDetail,
  type MemberPage,
} from "@/lib/dingtalk/members";
import type { JsonObject } from "@/lib/dingtalk/read-json";
import { type ContactScopes, getScopes } from "@/lib/dingtalk/scopes";

/** From where on an app may read: departments with all below them, and people one by one. */
export type Scope = Pick<ContactScopes, "departmentIds" | "userIds">;

/** The calls that a reading makes for many things, by DingTalk's route: each is counted and limited apart. */
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

/** Those of which several are under way at once. */
export type Crowd = "listSub" | "get" | "listMembers" | "getMember";
/** Those of a verifying run. Neither is limited by the app's scope. */
export type IdsCrowd = "listSubIds" | "listMemberIds";

/** DingTalk's answers, as a reading of the directory needs them. Each heeds the signal and may throw any kind. */
export type DirectoryCalls = {
  readonly scopes: (signal: AbortSignal) => Promise<Scope>;
  /** One level below a department. */
  readonly listSub: (departmentId: string, signal: AbortSignal) => Promise<readonly Department[]>;
  readonly get: (departmentId: string, signal: AbortSignal) => Promise<DepartmentDetail>;
  /** All levels below a department in one answer; `null` where the app is known not to get it. */
  readonly listAll: ((departmentId: string, signal: AbortSignal) => Promise<readonly Department[]>) | null;
  readonly listMembers: (
    departmentId: string,
    cursor: string | null,
    signal: AbortSignal,
  ) => Promise<MemberPage>;
  /** All who are directly in a department, without pages, and not limited by the app's scope. */
  readonly listMemberIds: (departmentId: string, signal: AbortSignal) => Promise<readonly string[]>;
  readonly getMember: (userId: string, signal: AbortSignal) => Promise<MemberDetail>;
  /** How many of one kind are to be under way at once. */
  readonly atOnce: (calls: Crowd) => number;
};

/** What a verifying run asks: no pages, and nothing but ids where nothing is strange. */
export type VerifyingCalls = Pick<DirectoryCalls, "scopes" | "get" | "getMember" | "listMemberIds"> & {
  readonly listSubIds: (departmentId: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** How many people the organization has. */
  readonly countMembers: (signal: AbortSignal) => Promise<number>;
  readonly atOnce: (calls: IdsCrowd) => number;
};

export type CallsOptions = {
  /** Whether personal values of members are read (S33). */
  readonly keepsPersonal?: boolean;
  /** Whether the whole tree may be asked for in one call. */
  readonly triesWhole?: boolean;
};

/** DingTalk's limit of its standard edition, for a caller that says nothing of its own. */
const CALLS_PER_SECOND = 20;

/** The calls of one app, as many of each at once as its rate needs at the latency that they turn out to have. */
export function directoryCalls(
  way: Dingtalk,
  caller: DingtalkCaller,
  { keepsPersonal = false, triesWhole = false }: CallsOptions = {},
): DirectoryCalls {
  const { dingtalk, atOnce } = withCrowds(way, caller);
  return {
    atOnce,
    scopes: (signal) => getScope(dingtalk, caller, signal),
    listSub: (departmentId, signal) => listSubDepartments(dingtalk, caller, { departmentId, signal }),
    get: (departmentId, signal) => getDepartment(dingtalk, caller, { departmentId, signal }),
    listAll: triesWhole
      ? async (departmentId, signal) =>
          (await listDepartmentsLegacy(dingtalk, caller, { departmentId, isRecursive: true, signal })).map(
            asListed,
          )
      : null,
    listMembers: (departmentId, cursor, signal) =>
      listMembers(dingtalk, caller, { departmentId, cursor, keepsPersonal, signal }),
    listMemberIds: (departmentId, signal) => listMemberIds(dingtalk, caller, { departmentId, signal }),
    getMember: (userId, signal) => getMember(dingtalk, caller, { userId, keepsPersonal, signal }),
  };
}

/** The calls with which a verifying run looks after an app's directory. No personal value is read. */
export function verifyingCalls(way: Dingtalk, caller: DingtalkCaller): VerifyingCalls {
  const { dingtalk, atOnce } = withCrowds(way, caller);
  return {
    atOnce,
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

/** The same way, and how many calls of a route it needs under way at once. */
function withCrowds(way: Dingtalk, caller: DingtalkCaller) {
  const crowds = new Map<string, CallsAtOnce>();
  const crowdOf = (api: string): CallsAtOnce => {
    const known = crowds.get(api) ?? new CallsAtOnce(caller.callsPerSecond ?? CALLS_PER_SECOND);
    crowds.set(api, known);
    return known;
  };
  const dingtalk: Dingtalk = {
    ...way,
    onAttempt(attempt) {
      crowdOf(attempt.api).observe(attempt.durationMs);
      way.onAttempt(attempt);
    },
  };
  return { dingtalk, atOnce: (calls: Crowd | IdsCrowd) => crowdOf(ROUTES[calls]).count };
}

const SPELLINGS: Readonly<Record<string, string>> = {
  createDeptGroup: "create_dept_group",
  autoAddUser: "auto_add_user",
};

/** As `listSub` has it, so that an app that changes from one to the other finds nothing changed. */
function asListed(department: Department): Department {
  const extra: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(department.extra)) extra[SPELLINGS[key] ?? key] = value;
  return { ...department, extra };
}

type Check = () => Promise<void>;

const checkedBy =
  (check: Check) =>
  <Asked extends unknown[], Answer>(ask: (...asked: Asked) => Promise<Answer>) =>
  async (...asked: Asked): Promise<Answer> => {
    await check();
    return ask(...asked);
  };

/** The same calls, each made only when `check` lets it. */
export function checkedCalls(calls: DirectoryCalls, check: Check): DirectoryCalls {
  const checked = checkedBy(check);
  return {
    atOnce: calls.atOnce,
    scopes: checked(calls.scopes),
    listSub: checked(calls.listSub),
    get: checked(calls.get),
    listAll: calls.listAll && checked(calls.listAll),
    listMembers: checked(calls.listMembers),
    listMemberIds: checked(calls.listMemberIds),
    getMember: checked(calls.getMember),
  };
}

/** `checkedCalls` for those of a verifying run. */
export function checkedVerifying(calls: VerifyingCalls, check: Check): VerifyingCalls {
  const checked = checkedBy(check);
  return {
    atOnce: calls.atOnce,
    scopes: checked(calls.scopes),
    listSubIds: checked(calls.listSubIds),
    listMemberIds: checked(calls.listMemberIds),
    countMembers: checked(calls.countMembers),
    get: checked(calls.get),
    getMember: checked(calls.getMember),
  };
}
