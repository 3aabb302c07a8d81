import type { Department, DepartmentDetail } from "@/lib/dingtalk/departments";
import type { ListedMember, MemberDetail } from "@/lib/dingtalk/members";

export type CheckpointContents = {
  readonly lists: Iterable<{ readonly departmentId: string; readonly children: readonly Department[] }>;
  readonly details: Iterable<DepartmentDetail>;
  /** By department: the cursor of the next page; `null`: all pages are stored. */
  readonly members: ReadonlyMap<string, string | null>;
  readonly memberRows: number;
  readonly people: number;
};

/**
 * Stores what a run reads, so that another worker can resume after a kill -9. Members exist only here, not in memory.
 */
export type Checkpoint = {
  /** Loads the contents. Also called when the read starts again from another scope. */
  readonly load: () => Promise<CheckpointContents>;
  /** Replaces the department's list. Buffered; like the other writes it waits only while the buffer is full. */
  readonly putList: (departmentId: string, children: readonly Department[]) => Promise<void>;
  readonly putDetail: (detail: DepartmentDetail) => Promise<void>;
  /** Stores the page and the cursor atomically. */
  readonly putMembers: (
    departmentId: string,
    page: readonly ListedMember[],
    nextCursor: string | null,
  ) => Promise<void>;
  /** Replaces all rows of a member who was looked up. */
  readonly putMember: (member: MemberDetail) => Promise<void>;
  /** Deletes everything stored for departments that turned out to be gone or outside of the walk. */
  readonly drop: (departmentIds: readonly string[]) => Promise<void>;
  /** Returns those of the people who have no row, buffered rows included. */
  readonly findUnread: (userIds: readonly string[]) => Promise<readonly string[]>;
  /** Returns the stored members who have no row, except those who were only in the ignored departments. */
  readonly findMissingMembers: (ignoredDepartmentIds: readonly string[]) => Promise<readonly string[]>;
  /** Returns the members whom two lists place differently, because they were moved between the two calls. */
  readonly findConflictingMembers: () => Promise<readonly string[]>;
  readonly flush: () => Promise<void>;
};

export type SavedAnswers = {
  readonly lists: Map<string, readonly Department[]>;
  readonly details: Map<string, DepartmentDetail>;
  readonly members: ReadonlyMap<string, string | null>;
  readonly memberRows: number;
  readonly people: number;
};

export async function loadSavedAnswers(checkpoint: Checkpoint | null): Promise<SavedAnswers> {
  if (checkpoint === null) {
    return { lists: new Map(), details: new Map(), members: new Map(), memberRows: 0, people: 0 };
  }
  await checkpoint.flush();
  const { lists, details, members, memberRows, people } = await checkpoint.load();
  const saved = { lists: new Map(), details: new Map(), members, memberRows, people };
  for (const { departmentId, children } of lists) saved.lists.set(departmentId, children);
  for (const detail of details) saved.details.set(detail.departmentId, detail);
  return saved;
}
