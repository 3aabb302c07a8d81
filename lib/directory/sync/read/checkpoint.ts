import type { Department, DepartmentDetail } from "@/lib/dingtalk/departments";
import type { ListedMember, MemberDetail } from "@/lib/dingtalk/members";

/** What an earlier worker of the same walk has put. */
export type Put = {
  readonly lists: Iterable<{ readonly departmentId: string; readonly children: readonly Department[] }>;
  readonly details: Iterable<DepartmentDetail>;
  /** By department: the cursor to go on from; `null`: all its pages are there. */
  readonly members: ReadonlyMap<string, string | null>;
  /** How many rows of members that makes, and of how many people. */
  readonly memberRows: number;
  readonly people: number;
};

/**
 * Where a reading puts what it reads, so that it is there for whoever reads on after a kill -9. People go nowhere
 * else: a reading doesn't hold them in memory.
 */
export type Checkpoint = {
  /** Nothing of what it gives is asked for again. Asked also when a reading begins anew from another scope. */
  readonly load: () => Promise<Put>;
  /**
   * Takes the place of what was put for the department before. Kept in memory for a while, so it is cheap; like the others
   * it waits when more comes than can be written.
   */
  readonly putList: (departmentId: string, children: readonly Department[]) => Promise<void>;
  readonly putDetail: (detail: DepartmentDetail) => Promise<void>;
  /** The page and the cursor come to stay together or not at all. */
  readonly putMembers: (
    departmentId: string,
    page: readonly ListedMember[],
    nextCursor: string | null,
  ) => Promise<void>;
  /** Somebody who was looked up alone. Of their places only those in departments that were read count. */
  readonly putMember: (member: MemberDetail) => Promise<void>;
  /** Takes out what was put for departments that turned out to be gone, or not to belong to the walk. */
  readonly drop: (departmentIds: readonly string[]) => Promise<void>;
  /** Those of these people who are in nothing that was put, however short ago. */
  readonly unmet: (userIds: readonly string[]) => Promise<readonly string[]>;
  readonly flush: () => Promise<void>;
};

/** What was put before, as far as the reading has not come to it yet. */
export type Known = {
  readonly lists: Map<string, readonly Department[]>;
  readonly details: Map<string, DepartmentDetail>;
  readonly members: ReadonlyMap<string, string | null>;
  readonly memberRows: number;
  readonly people: number;
};

export async function loadKnown(checkpoint: Checkpoint | null): Promise<Known> {
  if (checkpoint === null) {
    return { lists: new Map(), details: new Map(), members: new Map(), memberRows: 0, people: 0 };
  }
  await checkpoint.flush();
  const { lists, details, members, memberRows, people } = await checkpoint.load();
  const known = { lists: new Map(), details: new Map(), members, memberRows, people };
  for (const { departmentId, children } of lists) known.lists.set(departmentId, children);
  for (const detail of details) known.details.set(detail.departmentId, detail);
  return known;
}
