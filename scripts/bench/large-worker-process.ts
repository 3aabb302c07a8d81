import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Department } from "@/lib/dingtalk/departments";
import type { ListedMember } from "@/lib/dingtalk/members";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "@/lib/dingtalk/read-json";
import type { DirectoryCalls } from "@/lib/directory/sync/read/directory-calls";
import { runSync, type SyncTools } from "@/lib/directory/sync/run-sync";
import { env } from "@/lib/env";
import { startWorker } from "@/lib/jobs/worker";
import { collectGarbageEarly } from "@/server/small-memory.mjs";
import { AREAS, GIVEN, SURNAMES, UNITS, WORK } from "./measuring/sample-data";

/**
 * A normal worker that generates DingTalk's answers itself: a tree with the number of departments in its argument, ten
 * below each, and five people in each, of whom one in twenty belongs to two departments.
 */
const DEPARTMENTS = Number(process.argv[2]);
const BELOW = 10;
const PEOPLE = 5;
const AT_ONCE = 40;

const pick = <T>(list: readonly T[], seed: number): T =>
  list[(Math.imul(seed, 2_654_435_761) >>> 8) % list.length] as T;

/** Returns an object with the memory layout of a parsed answer. */
function asRead(value: JsonValue): JsonObject {
  const read = parseJson(JSON.stringify(value));
  if (!read.ok || !isJsonObject(read.value)) throw new Error("an answer is no object");
  return read.value;
}

function departmentOf(n: number): Department {
  return {
    departmentId: String(n),
    parentId: n === 1 ? null : String(Math.ceil((n - 1) / BELOW)),
    name: n === 1 ? "某某集团" : pick(AREAS, n) + pick(WORK, n + 1_000_003) + pick(UNITS, n + 2_000_003),
    order: null,
    sourceIdentifier: null,
    isFromUnionOrg: null,
    extra: asRead({ auto_add_user: true, create_dept_group: n % 3 === 0 }),
  };
}

const idOf = (department: number, place: number) => `user${department * PEOPLE + place}`;

/** The last person of every fourth department is a guest, whose main department is the one before. */
function memberOf(department: number, place: number): ListedMember {
  const isGuest = place === PEOPLE - 1 && department % 4 === 0;
  const isAway = place === 0 && department % 4 === 3 && department < DEPARTMENTS;
  const home = isGuest ? department - 1 : department;
  const seed = home * PEOPLE + (isGuest ? 0 : place);
  const given = pick(GIVEN, seed + 1_000_003) + (seed % 4 > 0 ? pick(GIVEN, seed + 2_000_003) : "");
  return {
    userId: idOf(home, isGuest ? 0 : place),
    unionId: `union-of-${seed}-abcdefghij`,
    name: pick(SURNAMES, seed) + given,
    title: "员工",
    jobNumber: `J${seed}`,
    isActive: true,
    isAdmin: false,
    isBoss: false,
    isExclusive: false,
    hidesMobile: false,
    departmentIds: isGuest || isAway ? [String(home), String(home + 1)] : [String(home)],
    personal: {},
    otherFields: [],
    isLeader: place === 0,
    order: String(176_318_668_975_061_512n - BigInt(seed)),
  };
}

function childrenOf(n: number): Department[] {
  const children: Department[] = [];
  for (let id = BELOW * (n - 1) + 2; id <= Math.min(DEPARTMENTS, BELOW * n + 1); id += 1)
    children.push(departmentOf(id));
  return children;
}

function detailOf(n: number) {
  const managerUserIds = [idOf(n, 1)];
  return {
    ...departmentOf(n),
    order: String(n),
    managerUserIds,
    ownerUserId: null,
    details: asRead({
      dept_manager_userid_list: managerUserIds,
      org_dept_owner: "",
      auto_approve_apply: false,
      group_contain_sub_dept: n % 3 === 0,
      outer_dept: false,
      hide_dept: false,
      dept_permits: [],
      user_permits: [],
      outer_permit_depts: [],
      outer_permit_users: [],
    }),
  };
}

/** Each answer arrives in a new turn of the event loop, as from a socket. */
const answering =
  <T>(answer: (id: number) => T) =>
  async (id: string): Promise<T> => {
    await nextTurn();
    return answer(Number(id));
  };

const refuse = async (): Promise<never> => {
  throw new Error("an unchanged directory needs no single lookups");
};

function answersCounted(onAttempt: Parameters<SyncTools["callsOf"]>[1]): DirectoryCalls {
  const noted =
    <T>(api: string, answer: (id: number) => T) =>
    (id: string): Promise<T> => {
      onAttempt({
        appKey: "",
        api,
        outcome: "ok",
        durationMs: 1,
        attempt: 1,
        status: 200,
        throttleScope: null,
        clockSkewMs: null,
      });
      return answering(answer)(id);
    };
  return {
    scopes: async () => ({ departmentIds: ["1"], userIds: [] }),
    listSub: noted("topapi/v2/department/listsub", childrenOf),
    get: noted("topapi/v2/department/get", detailOf),
    listAll: null,
    listMembers: noted("topapi/v2/user/list", (n) => ({
      members: Array.from({ length: PEOPLE }, (_, place) => memberOf(n, place)),
      nextCursor: null,
    })),
    listMemberIds: refuse,
    getMember: refuse,
    concurrencyOf: () => AT_ONCE,
  };
}

collectGarbageEarly();
const { MAX_DEPARTMENTS: departmentsMax, MAX_MEMBERS: membersMax } = env();
const tools: SyncTools = {
  callsOf: async (_, onAttempt) => answersCounted(onAttempt),
  verifyCallsOf: refuse,
  awaitTurn: async () => true,
  awaitTurnEnd: () => new Promise(() => {}),
  departmentsMax,
  membersMax,
  sleep,
};
await startWorker({ sync: { handle: (run, { signal }) => runSync(run, signal, tools), concurrency: 1 } });
process.stdout.write("working\n");
