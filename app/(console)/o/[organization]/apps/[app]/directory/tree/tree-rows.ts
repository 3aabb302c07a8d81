import type { FetchFailure } from "@/app/_components/data/fetch-json";
import { CHILDREN_PER_PAGE } from "@/lib/directory/page-sizes";
import type { Child, ChildPage } from "@/lib/directory/tree/schema";
import { type Load, loadKey, ROOTS, type TreeState } from "./loaded-tree";

type Common = {
  /** Unique and stable. */
  readonly key: string;
  readonly level: number;
  /** Position among its siblings on the server, from 1. */
  readonly position: number;
  readonly setSize: number;
  readonly parent: string;
  readonly isBusy: boolean;
};

export type DepartmentRow = Common & {
  readonly kind: "department";
  readonly name: string;
  readonly hasChildren: boolean;
  readonly people: number | undefined;
  readonly isRemoved: boolean;
  readonly isAncestorOnly: boolean;
  readonly isOpen: boolean;
};

/** Placeholder for children that are not loaded yet. */
export type MoreRow = Common & {
  readonly kind: "more";
  readonly after: string | undefined;
  /** Number of children the next load brings. */
  readonly count: number;
  readonly failed: FetchFailure | undefined;
};

/** Placeholder for children that failed to load. */
export type FailedRow = Common & { readonly kind: "failed"; readonly failed: FetchFailure };

export type Row = DepartmentRow | MoreRow | FailedRow;

type ChildRow = DepartmentRow | MoreRow;

/**
 * Cache of a list's rows for the usual case that none of them is open or loading. Creating 100,000 rows per key press
 * would be too slow.
 */
const idleRows = new WeakMap<ChildPage, { readonly level: number; readonly rows: readonly ChildRow[] }>();

/** @param until position of the next loaded child */
function moreRow(
  common: Pick<Common, "parent" | "level" | "setSize">,
  before: Child | undefined,
  until: number,
): MoreRow {
  const after = before?.id;
  const position = (before?.position ?? 0) + 1;
  return {
    kind: "more",
    key: `more:${common.parent}:${after ?? ""}`,
    after,
    count: Math.min(CHILDREN_PER_PAGE, until - position),
    position,
    failed: undefined,
    isBusy: false,
    ...common,
  };
}

function makeIdleRows({ items, total }: ChildPage, parent: string, level: number): ChildRow[] {
  const common = { parent, level, setSize: total };
  const rows: ChildRow[] = [];
  let before: Child | undefined;
  for (const child of items) {
    const { id, name, position, hasChildren, people, isRemoved = false, isAncestorOnly = false } = child;
    if (position > (before?.position ?? 0) + 1) rows.push(moreRow(common, before, position));
    rows.push({
      kind: "department",
      key: id,
      name,
      position,
      hasChildren,
      people,
      isRemoved,
      isAncestorOnly,
      isOpen: false,
      isBusy: false,
      ...common,
    });
    before = child;
  }
  if ((before?.position ?? 0) < total) rows.push(moreRow(common, before, total + 1));
  return rows;
}

function idleRowsOf(list: ChildPage, parent: string, level: number): readonly ChildRow[] {
  const cached = idleRows.get(list);
  if (cached?.level === level) return cached.rows;
  const rows = makeIdleRows(list, parent, level);
  idleRows.set(list, { level, rows });
  return rows;
}

const toFetchFailure = (load: Load | undefined) => (typeof load === "object" ? load.failed : undefined);

/** Collects the open part of a tree from the top down. */
class RowList {
  readonly rows: Row[] = [];
  readonly #state: TreeState;

  constructor(state: TreeState) {
    this.#state = state;
  }

  addList(parent: string, level: number): void {
    const list = this.#state.lists.get(parent);
    if (!list) return this.#addFailure(parent, level);
    for (const row of idleRowsOf(list, parent, level)) {
      if (row.kind === "more") this.rows.push(this.#withLoad(row));
      else this.#addDepartment(row);
    }
  }

  #addDepartment(row: DepartmentRow): void {
    const { open, loads } = this.#state;
    const isOpen = row.hasChildren && open.has(row.key);
    const isBusy = loads.size > 0 && loads.get(loadKey({ parent: row.key })) === "loading";
    this.rows.push(isOpen || isBusy ? { ...row, isOpen, isBusy } : row);
    if (isOpen) this.addList(row.key, row.level + 1);
  }

  #withLoad(row: MoreRow): MoreRow {
    const load = this.#state.loads.get(loadKey(row));
    return load === undefined ? row : { ...row, failed: toFetchFailure(load), isBusy: load === "loading" };
  }

  #addFailure(parent: string, level: number): void {
    const failed = toFetchFailure(this.#state.loads.get(loadKey({ parent })));
    if (!failed) return;
    const place = { parent, level, position: 1, setSize: 1 };
    this.rows.push({ kind: "failed", key: `failed:${parent}`, failed, isBusy: false, ...place });
  }
}

/** Returns the tree's visible rows. */
export function rowsOf(state: TreeState): Row[] {
  const list = new RowList(state);
  list.addList(ROOTS, 1);
  return list.rows;
}

/** Returns the index of a row's parent; -1 for a root. */
export function parentIndexOf(rows: readonly Row[], index: number): number {
  const level = rows[index]?.level ?? 0;
  let at = index - 1;
  while (at >= 0 && (rows[at]?.level ?? 0) >= level) at--;
  return at;
}
