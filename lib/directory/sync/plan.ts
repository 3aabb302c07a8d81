import type { Department } from "@/lib/dingtalk/departments";
import type { JsonValue } from "@/lib/dingtalk/read-json";
import type { Seen } from "./reading/reading";

/** A department as its row has it. Ids and numbers are decimal text. */
export type DepartmentRow = {
  readonly departmentId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly order: string | null;
  readonly sourceIdentifier: string | null;
  /** JSON text with sorted keys, so that equal values are equal texts. */
  readonly extra: string;
};

export type HeldDepartment = DepartmentRow & { readonly isRemoved: boolean };

export type ChangeKind = "added" | "returned" | "moved" | "changed";

export type PlannedDepartment = DepartmentRow & {
  readonly kind: ChangeKind;
  /** Whether the name is another one, which may come on top of a move or a return. */
  readonly isRenamed: boolean;
};

export type PlanCounts = {
  /** New ones and ones that came back. */
  readonly added: number;
  readonly changed: number;
  /** Under another parent, whatever else changed. */
  readonly moved: number;
  readonly removed: number;
  readonly unchanged: number;
};

/** What a reading makes of the rows: only those that differ. */
export type Plan = {
  readonly writes: readonly PlannedDepartment[];
  readonly removals: readonly string[];
  readonly counts: PlanCounts;
};

type Read = {
  readonly departments: ReadonlyMap<string, Seen>;
  /** What is to be marked removed. */
  readonly gone: ReadonlySet<string>;
};

/**
 * Compares what was read with what is held. It removes nothing but what is in `gone`, and never what was seen.
 */
export function planChanges(held: ReadonlyMap<string, HeldDepartment>, { departments, gone }: Read): Plan {
  const removals = [...gone].filter((id) => !departments.has(id) && held.get(id)?.isRemoved === false);
  const parents = parentsAfter(held, departments, new Set(removals));

  const writes: PlannedDepartment[] = [];
  for (const [id, seen] of departments) {
    const row = toRow(id, parents(id), seen.department);
    const before = held.get(id);
    const kind = kindOf(row, before);
    if (kind !== null)
      writes.push({ ...row, kind, isRenamed: before !== undefined && before.name !== row.name });
  }
  const count = (...kinds: ChangeKind[]) => writes.filter(({ kind }) => kinds.includes(kind)).length;
  const counts: PlanCounts = {
    added: count("added", "returned"),
    changed: count("changed"),
    moved: count("moved"),
    removed: removals.length,
    unchanged: departments.size - writes.length,
  };
  return { writes, removals, counts };
}

/**
 * Under which parent a department is to stand. One that is out of sight keeps it only while we hold that one
 * ourselves, and not where it would then be below itself.
 */
function parentsAfter(
  held: ReadonlyMap<string, HeldDepartment>,
  departments: ReadonlyMap<string, Seen>,
  removed: ReadonlySet<string>,
): (id: string) => string | null {
  const isKept = (id: string) => held.get(id)?.isRemoved === false && !removed.has(id);
  const above = (id: string) => (departments.get(id) ?? held.get(id))?.parentId ?? null;
  return (id) => {
    const parentId = above(id);
    if (parentId === null || departments.has(parentId)) return parentId;
    if (!isKept(parentId)) return null;
    const passed = new Set<string>();
    for (let at: string | null = parentId; at !== null && !passed.has(at); at = above(at)) {
      if (at === id) return null;
      passed.add(at);
    }
    return parentId;
  };
}

function kindOf(row: DepartmentRow, before: HeldDepartment | undefined): ChangeKind | null {
  if (before === undefined) return "added";
  if (before.isRemoved) return "returned";
  if (before.parentId !== row.parentId) return "moved";
  const isSame =
    before.name === row.name &&
    before.sourceIdentifier === row.sourceIdentifier &&
    before.extra === row.extra &&
    // A list doesn't tell the order, and one that is told for the first time is no news about it
    (row.order === null || before.order === null || before.order === row.order);
  return isSame ? null : "changed";
}

function toRow(departmentId: string, parentId: string | null, department: Department): DepartmentRow {
  const { name, order, sourceIdentifier, isFromUnionOrg, extra } = department;
  const kept = Object.entries(extra);
  // Where it is not, only one of the two calls says so
  if (isFromUnionOrg === true) kept.push(["from_union_org", true]);
  return {
    departmentId,
    parentId,
    name,
    order: order !== null && isInt8(order) ? order : null,
    sourceIdentifier,
    extra: objectText(kept),
  };
}

const isInt8 = (text: string): boolean =>
  /^-?[0-9]{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);

/** JSON with sorted keys. Null-prototype objects stay harmless, for nothing is assigned by key. */
export function canonicalJson(value: JsonValue): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  return objectText(Object.entries(value));
}

function objectText(entries: readonly (readonly [string, JsonValue])[]): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, value]) => `${JSON.stringify(key)}:${canonicalJson(value)}`).join(",")}}`;
}
