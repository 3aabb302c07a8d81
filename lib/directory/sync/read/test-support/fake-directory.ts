import type { Department } from "@/lib/dingtalk/departments";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import type { Member } from "@/lib/dingtalk/members";
import type { ConcurrentCall, DirectoryCalls, VerifyCalls } from "../directory-calls";

export const refusal = (kind: DingtalkErrorKind): DingtalkError =>
  new DingtalkError({ kind, api: "topapi/v2/department/listsub", upstream: { host: "dingtalk.test" } });

export const department = (departmentId: string, parentId: string | null, rest: Partial<Department> = {}) =>
  ({
    departmentId,
    parentId,
    name: `部门 ${departmentId}`,
    order: null,
    sourceIdentifier: null,
    isFromUnionOrg: null,
    extra: {},
    ...rest,
  }) satisfies Department;

export const fakeMember = (userId: string, departmentIds: readonly string[]): Member => ({
  userId,
  unionId: null,
  name: userId,
  title: null,
  jobNumber: null,
  isActive: true,
  isAdmin: false,
  isBoss: false,
  isExclusive: false,
  hidesMobile: false,
  departmentIds,
  personal: {},
  otherFields: [],
});

type Parents = Record<string, string | null>;

/**
 * A directory in memory that answers like DingTalk. `parents` and `people` can be changed during a read.
 */
export function fakeDirectory(parents: Parents, roots: readonly string[] = ["1"]) {
  const fake = {
    parents: new Map(Object.entries(parents)),
    people: new Map<string, readonly string[]>(),
    roots: [...roots],
    /** Single people of the scope. */
    individuals: [] as string[],
    pageSize: 2,
    concurrencyOf: (kind: ConcurrentCall) => (kind === "getMember" ? 4 : 5),
    /** The calls in order: `scopes`, `list 1`, `get 1`, `all 1`, `members 1`, `members 1 from 2`, `member a`. */
    requests: [] as string[],
    /** Called before each answer. An error that it throws is the answer. */
    before: (_request: string): unknown => undefined,
    /** Lists that replace the true ones. */
    lists: new Map<string, readonly Department[] | Error>(),
    calls: {} as DirectoryCalls,
    /** Counts the calls that start with the text. */
    count: (what: string) => fake.requests.filter((request) => request.startsWith(what)).length,
  };
  const ask = async (what: string, signal: AbortSignal) => {
    fake.requests.push(what);
    await fake.before(what);
    signal.throwIfAborted();
  };
  const lineage = (id: string): Set<string> => {
    const line = new Set<string>();
    for (let at: string | null = id; at !== null && !line.has(at); at = fake.parents.get(at) ?? null)
      line.add(at);
    return line;
  };
  const isVisible = (id: string) => fake.parents.has(id) && fake.roots.some((root) => lineage(id).has(root));
  const requireVisible = (id: string) => {
    if (!fake.parents.has(id)) throw refusal("department_gone");
    if (!isVisible(id)) throw refusal("department_out_of_scope");
  };
  const requireAny = (id: string) => {
    if (!fake.parents.has(id)) throw refusal("department_gone");
  };
  const childrenOf = (id: string) =>
    [...fake.parents].filter(([, above]) => above === id).map(([each]) => department(each, id));
  const allBelow = (id: string): Department[] =>
    childrenOf(id).flatMap((child) => [child, ...allBelow(child.departmentId)]);
  fake.calls = {
    concurrencyOf: (kind) => fake.concurrencyOf(kind),
    scopes: async (signal) => {
      await ask("scopes", signal);
      return { departmentIds: [...fake.roots], userIds: [...fake.individuals] };
    },
    listSub: async (id, signal) => {
      await ask(`list ${id}`, signal);
      const said = fake.lists.get(id);
      if (said instanceof Error) throw said;
      if (said) return said;
      requireVisible(id);
      return childrenOf(id);
    },
    get: async (id, signal) => {
      await ask(`get ${id}`, signal);
      requireVisible(id);
      const rest = { managerUserIds: [], ownerUserId: null, details: { code: `of ${id}` } };
      return { ...department(id, fake.parents.get(id) ?? null, { order: `9${id}` }), ...rest };
    },
    listAll: null,
    listMembers: async (id, cursor, signal) => {
      await ask(cursor === null ? `members ${id}` : `members ${id} from ${cursor}`, signal);
      requireVisible(id);
      const start = Number(cursor ?? 0);
      const all = [...fake.people].filter(([, places]) => places.includes(id));
      const page = all.slice(start, start + fake.pageSize);
      const end = start + fake.pageSize;
      return {
        members: page.map(([userId, places]) => ({
          ...fakeMember(userId, places),
          isLeader: false,
          order: null,
        })),
        nextCursor: end < all.length ? String(end) : null,
      };
    },
    listMemberIds: async (id, signal) => {
      await ask(`listid ${id}`, signal);
      requireAny(id);
      return [...fake.people].filter(([, places]) => places.includes(id)).map(([userId]) => userId);
    },
    getMember: async (userId, signal) => {
      await ask(`member ${userId}`, signal);
      const places = fake.people.get(userId);
      if (!places) throw refusal("member_gone");
      if (!fake.individuals.includes(userId) && !places.some(isVisible)) throw refusal("member_out_of_scope");
      return {
        ...fakeMember(userId, places),
        managerUserId: null,
        places: places.map((departmentId) => ({ departmentId, isLeader: false, order: null })),
      };
    },
  };
  const verifying: VerifyCalls = {
    ...fake.calls,
    concurrencyOf: () => 5,
    listSubIds: async (id, signal) => {
      await ask(`ids ${id}`, signal);
      requireAny(id);
      return childrenOf(id).map(({ departmentId }) => departmentId);
    },
    countMembers: async (signal) => {
      await ask("count", signal);
      return fake.people.size;
    },
  };
  return Object.assign(fake, {
    verifying,
    /** Lets the app list the whole tree; the answer is `rows` or the true tree. */
    allowWhole: (says?: readonly Department[] | Error) => {
      fake.calls = {
        ...fake.calls,
        listAll: async (id, signal) => {
          await ask(`all ${id}`, signal);
          if (says instanceof Error) throw says;
          requireVisible(id);
          return says ?? allBelow(id);
        },
      };
    },
  });
}

export type FakeDirectory = ReturnType<typeof fakeDirectory>;
