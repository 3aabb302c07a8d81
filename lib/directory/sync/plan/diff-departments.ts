import type { Department } from "@/lib/dingtalk/departments";
import { canonicalJson, objectText } from "../../canonical-json";
import type { ChangeKind, ChangeOutcome, RemovalReason } from "../../changes/change-kinds";
import type { PlanCounts } from "../../runs/run-counts";
import type { DepartmentRow, StoredDepartment } from "../directory-store";
import type { ReadDepartment } from "../read/department-tree";

export type DepartmentChange = {
  readonly departmentId: string;
  readonly kind: Extract<ChangeKind, "added" | "returned" | "moved" | "renamed" | "changed" | "removed">;
  readonly reason: RemovalReason | null;
  readonly before: StoredDepartment | null;
  readonly after: DepartmentRow | null;
  readonly outcome: ChangeOutcome | null;
};

export type DepartmentDiff = { readonly changes: readonly DepartmentChange[]; readonly counts: PlanCounts };

type Read = {
  readonly departments: ReadonlyMap<string, ReadDepartment>;
  /** The departments to mark as removed, unless they were read. */
  readonly removals: ReadonlyMap<string, RemovalReason>;
  /** The tree came in one answer of `department/list`, which may omit undocumented fields. */
  readonly isBrief?: boolean;
  /** Departments that must not change, because their stored state is newer than the read. */
  readonly newer?: ReadonlySet<string>;
};

/** Compares the departments that were read with the stored ones. Removes only `removals`, and never one that was read. */
export function diffDepartments(
  stored: ReadonlyMap<string, StoredDepartment>,
  { departments, removals, isBrief = false, newer = new Set() }: Read,
): DepartmentDiff {
  const removed = diffRemovals(stored, { departments, removals, newer });
  const parents = parentsAfter(stored, departments);

  const changes: DepartmentChange[] = [];
  for (const [departmentId, read] of departments) {
    if (newer.has(departmentId)) continue;
    const before = stored.get(departmentId) ?? null;
    const row = toRow(departmentId, parents(departmentId), read, before);
    const after = isBrief && before ? { ...row, extra: withOmitted(row.extra, before.extra) } : row;
    const kind = kindOf(after, before);
    if (kind !== null) changes.push({ departmentId, kind, reason: null, before, after, outcome: null });
  }
  const count = (...kinds: ChangeKind[]) => changes.filter(({ kind }) => kinds.includes(kind)).length;
  const counts: PlanCounts = {
    added: count("added", "returned"),
    changed: count("changed", "renamed"),
    moved: count("moved"),
    removed: removed.filter(({ outcome }) => outcome === null).length,
    unchanged: departments.size - changes.length,
  };
  return { changes: [...changes, ...removed], counts };
}

function diffRemovals(
  stored: ReadonlyMap<string, StoredDepartment>,
  { departments, removals, newer }: Read,
): DepartmentChange[] {
  const removed: DepartmentChange[] = [];
  for (const [departmentId, reason] of removals) {
    const before = stored.get(departmentId);
    if (!before || before.isRemoved || departments.has(departmentId) || newer?.has(departmentId)) continue;
    const outcome = before.isKept ? "kept" : null;
    removed.push({ departmentId, kind: "removed", reason, before, after: null, outcome });
  }
  return removed;
}

/** Returns each department's parent after the run. An unread stored parent stays, unless that forms a cycle. */
function parentsAfter(
  stored: ReadonlyMap<string, StoredDepartment>,
  departments: ReadonlyMap<string, ReadDepartment>,
): (id: string) => string | null {
  const above = (id: string) => (departments.get(id) ?? stored.get(id))?.parentId ?? null;
  return (id) => {
    const parentId = above(id);
    if (parentId === null || departments.has(parentId)) return parentId;
    if (!stored.has(parentId)) return null;
    const passed = new Set<string>();
    for (let at: string | null = parentId; at !== null && !passed.has(at); at = above(at)) {
      if (at === id) return null;
      passed.add(at);
    }
    return parentId;
  };
}

/** Returns the kind of change, or `null` for none. Details and an order that are read for the first time are a change. */
function kindOf(after: DepartmentRow, before: StoredDepartment | null): DepartmentChange["kind"] | null {
  if (before === null) return "added";
  if (before.isRemoved) return "returned";
  if (before.parentId !== after.parentId) return "moved";
  if (before.name !== after.name) return "renamed";
  const isSame =
    before.sourceIdentifier === after.sourceIdentifier &&
    before.extra === after.extra &&
    before.details === after.details &&
    before.order === after.order;
  return isSame ? null : "changed";
}

/** Keeps the stored order and details where the answer has none. Lists contain neither. */
function toRow(
  departmentId: string,
  parentId: string | null,
  { department, details }: ReadDepartment,
  before: StoredDepartment | null,
): DepartmentRow {
  const { name, order, sourceIdentifier, extra } = department;
  return {
    departmentId,
    parentId,
    name,
    order: usableOrder(order) ?? before?.order ?? null,
    sourceIdentifier,
    extra,
    details: details ?? before?.details ?? null,
  };
}

function withOmitted(read: string, stored: string): string {
  const { from_union_org: _, ...omitted } = JSON.parse(stored);
  return objectText(Object.entries({ ...omitted, ...JSON.parse(read) }));
}

const usableOrder = (order: Department["order"]): string | null =>
  order !== null && isInt8(order) ? order : null;

const isInt8 = (text: string): boolean =>
  /^-?[0-9]{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);

export const stateText = ({
  parentId,
  name,
  order,
  sourceIdentifier,
  extra,
  details,
}: DepartmentRow): string =>
  `{"parentId":${canonicalJson(parentId)},"name":${canonicalJson(name)},"order":${canonicalJson(order)},` +
  `"sourceIdentifier":${canonicalJson(sourceIdentifier)},"extra":${extra},"details":${details ?? "null"}}`;
