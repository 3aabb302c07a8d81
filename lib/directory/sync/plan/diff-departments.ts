import type { Department } from "@/lib/dingtalk/departments";
import { canonicalJson, objectText } from "../../canonical-json";
import { type ChangeKind, type ChangeOutcome, type RemovalReason } from "../../changes/states";
import type { Seen } from "../read/reading";

/** A department as its row has it. Ids and numbers are decimal text. */
export type DepartmentRow = {
  readonly departmentId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly order: string | null;
  readonly sourceIdentifier: string | null;
  /** JSON text with sorted keys, so that equal values are equal texts; as is `details`. */
  readonly extra: string;
  /** What only `department/get` tells; `null` while it was not asked. */
  readonly details: string | null;
};

export type HeldDepartment = DepartmentRow & {
  readonly isRemoved: boolean;
  /** Restored by hand: it is not removed again. */
  readonly isKept: boolean;
  readonly sinceRevision: number;
  /** When its details were read, in milliseconds since the epoch; `null` for never. */
  readonly detailsAtMs: number | null;
};

/** One department that is to be written otherwise than it is. */
export type PlannedChange = {
  readonly departmentId: string;
  readonly kind: Extract<ChangeKind, "added" | "returned" | "moved" | "renamed" | "changed" | "removed">;
  readonly reason: RemovalReason | null;
  readonly before: HeldDepartment | null;
  readonly after: DepartmentRow | null;
  readonly outcome: ChangeOutcome | null;
};

export type PlanCounts = {
  /** New ones and ones that came back. */
  readonly added: number;
  /** Renamed ones among them. */
  readonly changed: number;
  /** Under another parent, whatever else changed. */
  readonly moved: number;
  readonly removed: number;
  readonly unchanged: number;
};

/** What a reading makes of the rows: only those that differ. */
export type Plan = { readonly changes: readonly PlannedChange[]; readonly counts: PlanCounts };

type Read = {
  readonly departments: ReadonlyMap<string, Seen>;
  /** What is to be marked removed, and why. */
  readonly removals: ReadonlyMap<string, RemovalReason>;
  /** Whether the tree came in one answer, which may leave out fields that no page documents. */
  readonly isBrief?: boolean;
};

/** Compares what was read with what is held. It removes nothing but `removals`, and never what was seen. */
export function planChanges(
  held: ReadonlyMap<string, HeldDepartment>,
  { departments, removals, isBrief = false }: Read,
): Plan {
  const removed = planRemovals(held, { departments, removals });
  const parents = parentsAfter(held, departments);

  const changes: PlannedChange[] = [];
  for (const [departmentId, seen] of departments) {
    const before = held.get(departmentId) ?? null;
    const row = toRow(departmentId, parents(departmentId), seen, before);
    const after = isBrief && before ? { ...row, extra: withUntold(row.extra, before.extra) } : row;
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

function planRemovals(
  held: ReadonlyMap<string, HeldDepartment>,
  { departments, removals }: Read,
): PlannedChange[] {
  const removed: PlannedChange[] = [];
  for (const [departmentId, reason] of removals) {
    const before = held.get(departmentId);
    if (!before || before.isRemoved || departments.has(departmentId)) continue;
    const outcome = before.isKept ? "kept" : null;
    removed.push({ departmentId, kind: "removed", reason, before, after: null, outcome });
  }
  return removed;
}

/**
 * Under which parent a department is to stand. One that is out of sight keeps it only while we know that one, removed
 * or not (whoever decides may leave removals out), and not where it would then be below itself.
 */
function parentsAfter(
  held: ReadonlyMap<string, HeldDepartment>,
  departments: ReadonlyMap<string, Seen>,
): (id: string) => string | null {
  const above = (id: string) => (departments.get(id) ?? held.get(id))?.parentId ?? null;
  return (id) => {
    const parentId = above(id);
    if (parentId === null || departments.has(parentId)) return parentId;
    if (!held.has(parentId)) return null;
    const passed = new Set<string>();
    for (let at: string | null = parentId; at !== null && !passed.has(at); at = above(at)) {
      if (at === id) return null;
      passed.add(at);
    }
    return parentId;
  };
}

/** What is news of a department; details and an order that are told for the first time are, too. */
function kindOf(after: DepartmentRow, before: HeldDepartment | null): PlannedChange["kind"] | null {
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

/** A list tells neither order nor details: what is known of them stays. */
function toRow(
  departmentId: string,
  parentId: string | null,
  { department, details }: Seen,
  before: HeldDepartment | null,
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

/** What was told, and of what was not what is known. */
function withUntold(told: string, known: string): string {
  const { from_union_org: _, ...untold } = JSON.parse(known);
  return objectText(Object.entries({ ...untold, ...JSON.parse(told) }));
}

const usableOrder = (order: Department["order"]): string | null =>
  order !== null && isInt8(order) ? order : null;

const isInt8 = (text: string): boolean =>
  /^-?[0-9]{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);

/** What a change keeps of a department, as `DepartmentState`. */
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
