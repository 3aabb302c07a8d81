import { FetchError } from "@/app/_components/data/fetch-json";
import type { ChildPage } from "@/lib/directory/tree/schema";
import {
  addPage,
  EMPTY_TREE,
  isBelow,
  loadKey,
  type PageAt,
  ROOTS,
  setClosed,
  setLoad,
  setOpen,
  type TreeState,
} from "./loaded-tree";
import { type Row, rowsOf } from "./tree-rows";

/** Loads a page of children. `parent` is undefined for the roots. */
export type LoadChildren = (query: {
  readonly parent: string | undefined;
  readonly after: string | undefined;
  readonly include: string | undefined;
}) => Promise<ChildPage>;

/** Limit for one press of `*`. */
export const OPEN_SIBLINGS_MAX = 50;

/** The tree, its visible rows, and the key of the row that is focused or was focused last. */
export type TreeView = {
  readonly state: TreeState;
  readonly rows: readonly Row[];
  readonly active: string | null;
};

/** Holds the loaded part of a directory's tree, and loads the rest. */
export class TreeStore {
  readonly #loadPage: LoadChildren;
  readonly #listeners = new Set<() => void>();
  #view: TreeView;

  constructor(state: TreeState, loadPage: LoadChildren) {
    this.#loadPage = loadPage;
    this.#view = { state, rows: rowsOf(state), active: null };
  }

  readonly view = (): TreeView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  focus(key: string | null): void {
    if (key !== this.#view.active) this.#show({ ...this.#view, active: key });
  }

  /** Opens a department, and loads its children if necessary. */
  async open(id: string): Promise<void> {
    this.#change(setOpen(this.#view.state, [id]));
    if (!this.#view.state.lists.has(id)) await this.load({ parent: id });
  }

  close(id: string): void {
    const { state, rows, active } = this.#view;
    const parent = rows.find(({ key }) => key === active)?.parent;
    const isInside = parent !== undefined && (parent === id || isBelow(state, parent, id));
    this.#change(setClosed(state, id), isInside ? id : active);
  }

  /** Loads a page. A page that is already loading is not requested again. */
  async load(at: PageAt, include?: string): Promise<void> {
    if (this.#view.state.loads.get(loadKey(at)) === "loading") return;
    const { state, active } = this.#view;
    // A retry removes the failed row, so the focus moves to its parent.
    const isRetried = active === `failed:${at.parent}` && at.parent !== ROOTS;
    this.#change(setLoad(state, at, "loading"), isRetried ? at.parent : active);
    try {
      const parent = at.parent === ROOTS ? undefined : at.parent;
      const page = await this.#loadPage({ parent, after: at.after, include });
      this.#add(at, page);
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      this.#change(setLoad(this.#view.state, at, { failed: error.code }));
    }
  }

  /** Opens and loads a path from the root down. */
  async reveal(path: readonly string[]): Promise<void> {
    const steps = path.map((id, index) => ({ parent: path[index - 1] ?? ROOTS, id }));
    this.#change(setOpen(this.#view.state, path.slice(0, -1)));
    const isMissing = ({ parent, id }: { parent: string; id: string }) =>
      this.#view.state.parents.get(id) !== parent;
    await Promise.all(steps.filter(isMissing).map(({ parent, id }) => this.load({ parent }, id)));
  }

  /** Opens the row's siblings, and returns how many were opened and how many are left. */
  async openSiblings(row: Row): Promise<{ opened: number; left: number }> {
    const siblings = this.#view.state.lists.get(row.parent)?.items ?? [];
    const closed = siblings.filter(({ id, hasChildren }) => hasChildren && !this.#view.state.open.has(id));
    const chosen = closed.slice(0, OPEN_SIBLINGS_MAX);
    await Promise.all(chosen.map(({ id }) => this.open(id)));
    return { opened: chosen.length, left: closed.length - chosen.length };
  }

  /**
   * Opens saved departments level by level, because a child is known only after its parent's children are loaded.
   * Closes all others.
   */
  async restore(ids: readonly string[], keep: readonly string[]): Promise<void> {
    const toOpen = new Set([...ids, ...keep]);
    this.#change({
      ...this.#view.state,
      open: new Set([...this.#view.state.open].filter((id) => toOpen.has(id))),
    });
    for (;;) {
      const { parents, open } = this.#view.state;
      const ready = [...toOpen].filter((id) => parents.has(id) && !open.has(id));
      if (ready.length === 0) return;
      await Promise.all(ready.map((id) => this.open(id)));
    }
  }

  /** Reloads everything open and a path. The old tree stays until all of it is loaded. */
  async reload(path: readonly string[]): Promise<void> {
    const fresh = new TreeStore(EMPTY_TREE, this.#loadPage);
    await fresh.load({ parent: ROOTS });
    await fresh.restore([...this.#view.state.open], []);
    await fresh.reveal(path);
    this.#change(fresh.view().state);
  }

  /** Moves the focus from a placeholder row to the first child that replaces it. */
  #add(at: PageAt, page: ChildPage): void {
    const { state, active } = this.#view;
    const wasPlaceholder = active === `more:${at.parent}:${at.after ?? ""}`;
    this.#change(addPage(state, at, page), wasPlaceholder ? (page.items[0]?.id ?? active) : active);
  }

  #change(state: TreeState, active = this.#view.active): void {
    this.#show({ state, rows: rowsOf(state), active });
  }

  #show(view: TreeView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }
}
