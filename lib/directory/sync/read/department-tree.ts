import type { Department, DepartmentDetail } from "@/lib/dingtalk/departments";
import { canonicalJson } from "../../canonical-json";
import { SyncFailure } from "../../runs/run-errors";

/** A department that a run has read. `extra` and `details` are JSON text, which needs much less memory than objects. */
export type ReadDepartment = {
  readonly department: Pick<Department, "departmentId" | "name" | "order" | "sourceIdentifier"> & {
    readonly extra: string;
  };
  /** From the parent's list or from the department itself. The parent may be unread. */
  readonly parentId: string | null;
  /** The fields that only `department/get` returns; `null` when it was not called. */
  readonly details: string | null;
};

export function toReadDepartment(
  { departmentId, name, order, sourceIdentifier, isFromUnionOrg, extra }: Department,
  parentId: string | null,
  details: DepartmentDetail["details"] | null = null,
): ReadDepartment {
  // Only one of the two calls returns a false value, so false must equal a missing one
  const stored = isFromUnionOrg === true ? { ...extra, from_union_org: true } : extra;
  return {
    department: { departmentId, name, order, sourceIdentifier, extra: canonicalJson(stored) },
    parentId,
    details: details && canonicalJson(details),
  };
}

const INT8_MAX = 2n ** 63n - 1n;

export class DepartmentTree {
  readonly departments = new Map<string, ReadDepartment>();
  /** Departments that DingTalk reported under several parents, with the parent reported last. */
  readonly conflicts = new Map<string, string>();
  readonly #departmentsMax: number;

  constructor(departmentsMax: number) {
    this.#departmentsMax = departmentsMax;
  }

  has(id: string): boolean {
    return this.departments.has(id);
  }

  get(id: string): ReadDepartment | undefined {
    return this.departments.get(id);
  }

  /** @throws {SyncFailure} beyond the limit, or for an id that is larger than a bigint */
  add(id: string, department: ReadDepartment): void {
    if (BigInt(id) > INT8_MAX) throw new SyncFailure({ kind: "department_id_unusable" });
    this.departments.set(id, department);
    if (this.departments.size > this.#departmentsMax) {
      throw new SyncFailure({ kind: "too_many_departments", departmentsMax: this.#departmentsMax });
    }
  }

  /** Adds what only `department/get` returns: the details and the order among the siblings. */
  attachDetails({ departmentId: id, details, order, parentId }: DepartmentDetail, isRoot: boolean): void {
    const known = this.departments.get(id);
    if (known === undefined) return;
    const department = { ...known.department, order };
    this.departments.set(id, { ...known, department, details: canonicalJson(details) });
    // The department was moved after it was listed
    if (parentId !== null && parentId !== known.parentId && !isRoot) this.conflicts.set(id, parentId);
  }

  /** Removes a department with everything below it. A department that was also listed elsewhere moves there. */
  removeSubtree(departmentId: string): void {
    const removed = new Set([departmentId]);
    for (let before = 0; before < removed.size; ) {
      before = removed.size;
      for (const [id, each] of this.departments) {
        if (each.parentId === null || !removed.has(each.parentId) || removed.has(id)) continue;
        const other = this.conflicts.get(id);
        if (other !== undefined && this.departments.has(other) && !removed.has(other)) {
          this.departments.set(id, { ...each, parentId: other });
        } else removed.add(id);
      }
    }
    for (const id of removed) this.departments.delete(id);
  }

  /** Returns the parents that were reported but not read, except those of the roots, which the app can't see. */
  unreadParents(roots: readonly string[]): string[] {
    const unread = new Set<string>();
    for (const [id, { parentId }] of this.departments) {
      if (parentId === null || this.departments.has(parentId)) continue;
      if (!roots.includes(id) && !this.conflicts.has(id)) unread.add(parentId);
    }
    return [...unread];
  }

  /** Makes one department of each cycle a root. @returns the number of cycles */
  breakCycles(): number {
    const isSafe = new Set<string>();
    let cycles = 0;
    for (const start of this.departments.keys()) {
      const path = new Set<string>();
      let at: string | null = start;
      while (at !== null && !isSafe.has(at) && !path.has(at)) {
        path.add(at);
        at = this.departments.get(at)?.parentId ?? null;
      }
      if (at !== null && path.has(at)) {
        cycles += 1;
        const department = this.departments.get(at);
        if (department) this.departments.set(at, { ...department, parentId: null });
      }
      for (const id of path) isSafe.add(id);
    }
    return cycles;
  }
}
