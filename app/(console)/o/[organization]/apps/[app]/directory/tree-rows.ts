import type { Child, ChildPage } from "@/lib/directory/tree/schema";
import type { ReadFailure } from "./read";
import { type Load, loadKey, ROOTS, type TreeState } from "./tree-state";

const PER_PAGE = 200;

type Common = {
  /** Unlike any other row's, and the same as long as the row means the same. */
  readonly key: string;
  readonly level: number;
  /** From 1, among its siblings on the server. */
  readonly position: number;
  readonly setSize: number;
  /** The parent's place among the rows; -1 for a root's. */
  readonly parentIndex: number;
  readonly parent: string;
  readonly isBusy: boolean;
};

export type DepartmentRow = Common & {
  readonly kind: "department";
  readonly name: string;
  readonly hasChildren: boolean;
  readonly isOpen: boolean;
};

/** Stands where children are missing that were not loaded yet. */
export type MoreRow = Common & {
  readonly kind: "more";
  readonly after: string | undefined;
  /** How many it would load. */
  readonly count: number;
  readonly failed: ReadFailure | undefined;
};

/** Stands in the place of children that couldn't be loaded. */
export type FailedRow = Common & { readonly kind: "failed"; readonly failed: ReadFailure };

export type Row = DepartmentRow | MoreRow | FailedRow;

const failureOf = (load: Load | undefined) => (typeof load === "object" ? load.failed : undefined);

/** Walks the open part of a tree from the top down. */
class RowList {
  readonly rows: Row[] = [];
  readonly #state: TreeState;
  /** The places of the rows that are being walked through, from the root down. */
  readonly #parents: number[] = [];

  constructor(state: TreeState) {
    this.#state = state;
  }

  addList(parent: string): void {
    const list = this.#state.lists.get(parent);
    if (!list) return this.#addFailure(parent);
    let before: Child | undefined;
    for (const child of list.items) {
      if (child.position > (before?.position ?? 0) + 1) this.#addMore(parent, before, child.position, list);
      this.#addDepartment(child, parent, list.total);
      before = child;
    }
    if ((before?.position ?? 0) < list.total) this.#addMore(parent, before, list.total + 1, list);
  }

  #place(parent: string, position: number, setSize: number) {
    const level = this.#parents.length + 1;
    return { parent, position, setSize, level, parentIndex: this.#parents.at(-1) ?? -1 };
  }

  #addDepartment({ id, name, position, hasChildren }: Child, parent: string, setSize: number): void {
    const isOpen = hasChildren && this.#state.open.has(id);
    const isBusy = this.#state.loads.get(loadKey({ parent: id })) === "loading";
    const place = this.#place(parent, position, setSize);
    this.rows.push({ kind: "department", key: id, name, hasChildren, isOpen, isBusy, ...place });
    if (!isOpen) return;
    this.#parents.push(this.rows.length - 1);
    this.addList(id);
    this.#parents.pop();
  }

  /** @param until the place of the next child that is there */
  #addMore(parent: string, before: Child | undefined, until: number, { total }: ChildPage): void {
    const after = before?.id;
    const position = (before?.position ?? 0) + 1;
    const load = this.#state.loads.get(loadKey({ parent, after }));
    this.rows.push({
      kind: "more",
      key: `more:${parent}:${after ?? ""}`,
      after,
      count: Math.min(PER_PAGE, until - position),
      failed: failureOf(load),
      isBusy: load === "loading",
      ...this.#place(parent, position, total),
    });
  }

  #addFailure(parent: string): void {
    const failed = failureOf(this.#state.loads.get(loadKey({ parent })));
    if (!failed) return;
    const place = this.#place(parent, 1, 1);
    this.rows.push({ kind: "failed", key: `failed:${parent}`, failed, isBusy: false, ...place });
  }
}

/** The rows that stand below each other on the screen. */
export function rowsOf(state: TreeState): Row[] {
  const list = new RowList(state);
  list.addList(ROOTS);
  return list.rows;
}
