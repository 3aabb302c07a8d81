import { FetchError } from "@/app/_components/data/fetch-json";
import type { ChildPage } from "@/lib/directory/tree/schema";
import { type Row, rowsOf } from "./tree-rows";
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
} from "./tree-state";

/** Reads a page of children; `parent` is undefined for the roots. */
export type ReadChildren = (query: {
  readonly parent: string | undefined;
  readonly after: string | undefined;
  readonly include: string | undefined;
}) => Promise<ChildPage>;

/** `*` opens so many at most at one press. */
export const OPEN_AT_ONCE_MAX = 50;

/** What is shown: the tree, its rows, and the row that has the focus, or had it before the tree was left. */
export type TreeView = {
  readonly state: TreeState;
  readonly rows: readonly Row[];
  readonly active: string | null;
};

/** The tree of one directory as a browser knows it, and the loading of the rest. */
export class TreeStore {
  readonly #read: ReadChildren;
  readonly #listeners = new Set<() => void>();
  #view: TreeView;

  constructor(state: TreeState, read: ReadChildren) {
    this.#read = read;
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

  /** Opens a department and loads its children if they aren't there. */
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

  /** Loads a page, once: whoever asks while it is on its way asked for the same. */
  async load(at: PageAt, include?: string): Promise<void> {
    if (this.#view.state.loads.get(loadKey(at)) === "loading") return;
    const { state, active } = this.#view;
    // The row that says why it failed goes; its parent stays and says that it is busy.
    const isRetried = active === `failed:${at.parent}` && at.parent !== ROOTS;
    this.#change(setLoad(state, at, "loading"), isRetried ? at.parent : active);
    try {
      const parent = at.parent === ROOTS ? undefined : at.parent;
      const page = await this.#read({ parent, after: at.after, include });
      this.#add(at, page);
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      this.#change(setLoad(this.#view.state, at, { failed: error.code }));
    }
  }

  /** Opens the way to a department, given its ancestors and itself from the root down. */
  async reveal(path: readonly string[]): Promise<void> {
    const steps = path.map((id, index) => ({ parent: path[index - 1] ?? ROOTS, id }));
    this.#change(setOpen(this.#view.state, path.slice(0, -1)));
    const isMissing = ({ parent, id }: { parent: string; id: string }) =>
      this.#view.state.parents.get(id) !== parent;
    await Promise.all(steps.filter(isMissing).map(({ parent, id }) => this.load({ parent }, id)));
  }

  /** @returns how many were opened, and how many are closed still */
  async openSiblings(row: Row): Promise<{ opened: number; left: number }> {
    const siblings = this.#view.state.lists.get(row.parent)?.items ?? [];
    const closed = siblings.filter(({ id, hasChildren }) => hasChildren && !this.#view.state.open.has(id));
    const chosen = closed.slice(0, OPEN_AT_ONCE_MAX);
    await Promise.all(chosen.map(({ id }) => this.open(id)));
    return { opened: chosen.length, left: closed.length - chosen.length };
  }

  /**
   * Opens what was open before, level by level, for what is deeper is known only when its parent's children are.
   * Closes what else is open.
   */
  async restore(ids: readonly string[], keep: readonly string[]): Promise<void> {
    const wanted = new Set([...ids, ...keep]);
    this.#change({
      ...this.#view.state,
      open: new Set([...this.#view.state.open].filter((id) => wanted.has(id))),
    });
    for (;;) {
      const { parents, open } = this.#view.state;
      const ready = [...wanted].filter((id) => parents.has(id) && !open.has(id));
      if (ready.length === 0) return;
      await Promise.all(ready.map((id) => this.open(id)));
    }
  }

  /** Reads anew what is open, and the way to a department; what was known stays until all of it is there. */
  async reload(path: readonly string[]): Promise<void> {
    const fresh = new TreeStore(EMPTY_TREE, this.#read);
    await fresh.load({ parent: ROOTS });
    await fresh.restore([...this.#view.state.open], []);
    await fresh.reveal(path);
    this.#change(fresh.view().state);
  }

  /** A row that stood for children gives the focus to the first of those that took its place. */
  #add(at: PageAt, page: ChildPage): void {
    const { state, active } = this.#view;
    const stoodFor = active === `more:${at.parent}:${at.after ?? ""}`;
    this.#change(addPage(state, at, page), stoodFor ? (page.items[0]?.id ?? active) : active);
  }

  #change(state: TreeState, active = this.#view.active): void {
    this.#show({ state, rows: rowsOf(state), active });
  }

  #show(view: TreeView): void {
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }
}
