import type { Department } from "@/lib/dingtalk/departments";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import type { DirectoryCalls } from "../reading";

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

/**
 * A directory in memory that answers as DingTalk does. Parents by id; a test changes them, and everything
 * else, while it is read.
 */
export function fakeDirectory(parents: Record<string, string | null>, roots: readonly string[] = ["1"]) {
  const fake = {
    parents: new Map(Object.entries(parents)),
    roots: [...roots],
    /** What was asked, in order: `scopes`, `list 1`, `get 1`. */
    asked: [] as string[],
    /** Told before each answer. */
    before: (_asked: string): unknown => undefined,
    /** Lists that say something else. */
    lists: new Map<string, readonly Department[] | Error>(),
    calls: {} as DirectoryCalls,
  };
  const ask = async (what: string) => {
    fake.asked.push(what);
    await fake.before(what);
  };
  const lineage = (id: string): Set<string> => {
    const line = new Set<string>();
    for (let at: string | null = id; at !== null && !line.has(at); at = fake.parents.get(at) ?? null)
      line.add(at);
    return line;
  };
  const requireVisible = (id: string) => {
    if (!fake.parents.has(id)) throw refusal("department_gone");
    if (!fake.roots.some((root) => lineage(id).has(root))) throw refusal("department_out_of_scope");
  };
  fake.calls = {
    atOnce: () => 5,
    scopeRoots: async () => {
      await ask("scopes");
      return [...fake.roots];
    },
    listSub: async (id, signal) => {
      await ask(`list ${id}`);
      signal.throwIfAborted();
      const said = fake.lists.get(id);
      if (said instanceof Error) throw said;
      if (said) return said;
      requireVisible(id);
      return [...fake.parents].filter(([, above]) => above === id).map(([each]) => department(each, id));
    },
    get: async (id, signal) => {
      await ask(`get ${id}`);
      signal.throwIfAborted();
      requireVisible(id);
      return department(id, fake.parents.get(id) ?? null);
    },
  };
  return fake;
}

export type FakeDirectory = ReturnType<typeof fakeDirectory>;
