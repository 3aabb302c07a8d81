import type { FetchFailure } from "@/app/_components/data/fetch-json";
import type { Child, ChildPage } from "@/lib/directory/tree/schema";

/** Key of the root list in `lists`. No department has this id. */
export const ROOTS = "";

export type Load = "loading" | { readonly failed: FetchFailure };

/** The loaded part of the tree. Immutable. */
export type TreeState = {
  /** Loaded children by parent. */
  readonly lists: ReadonlyMap<string, ChildPage>;
  readonly parents: ReadonlyMap<string, string>;
  readonly open: ReadonlySet<string>;
  readonly loads: ReadonlyMap<string, Load>;
};

/** Identifies a page: the children of `parent` after the child `after`. */
export type PageAt = { readonly parent: string; readonly after?: string | undefined };

export const EMPTY_TREE: TreeState = {
  lists: new Map(),
  parents: new Map(),
  open: new Set(),
  loads: new Map(),
};

export const loadKey = ({ parent, after = "" }: PageAt) => `${parent}:${after}`;

/** Fresh children replace known ones at the same position, which have moved or were removed. */
function mergeItems(known: readonly Child[], fresh: readonly Child[]): Child[] {
  const ids = new Set(fresh.map(({ id }) => id));
  const places = new Set(fresh.map(({ position }) => position));
  const kept = known.filter(({ id, position }) => !ids.has(id) && !places.has(position));
  return [...kept, ...fresh].sort((a, b) => a.position - b.position);
}

/**
 * Adds a page. A child that was known below another parent has moved and is removed there. Each department therefore
 * appears once, and inconsistent data can't create a cycle.
 */
function withPage(state: TreeState, parent: string, page: ChildPage): Pick<TreeState, "lists" | "parents"> {
  const lists = new Map(state.lists);
  const parents = new Map(state.parents);
  for (const { id } of page.items) {
    const before = parents.get(id);
    const list = before === undefined || before === parent ? undefined : lists.get(before);
    if (before !== undefined && list) {
      lists.set(before, { items: list.items.filter((item) => item.id !== id), total: list.total - 1 });
    }
    parents.set(id, parent);
  }
  lists.set(parent, { items: mergeItems(lists.get(parent)?.items ?? [], page.items), total: page.total });
  return { lists, parents };
}

function withLoad(loads: TreeState["loads"], at: PageAt, load: Load | undefined): TreeState["loads"] {
  const next = new Map(loads);
  if (load === undefined) next.delete(loadKey(at));
  else next.set(loadKey(at), load);
  return next;
}

export const setLoad = (state: TreeState, at: PageAt, load: Load): TreeState => ({
  ...state,
  loads: withLoad(state.loads, at, load),
});

export const addPage = (state: TreeState, at: PageAt, page: ChildPage): TreeState => ({
  ...state,
  ...withPage(state, at.parent, page),
  loads: withLoad(state.loads, at, undefined),
});

export const setOpen = (state: TreeState, ids: Iterable<string>): TreeState => ({
  ...state,
  open: new Set([...state.open, ...ids]),
});

export function setClosed(state: TreeState, id: string): TreeState {
  const open = new Set(state.open);
  open.delete(id);
  return { ...state, open };
}

/** Returns whether `id` is below `ancestor`. */
export function isBelow(state: TreeState, id: string, ancestor: string): boolean {
  for (let at = state.parents.get(id); at !== undefined && at !== ROOTS; at = state.parents.get(at)) {
    if (at === ancestor) return true;
  }
  return false;
}

/** Returns the path to `id` from the root down, including `id`; empty when it isn't loaded. */
export function pathIn(state: TreeState, id: string): string[] {
  const path: string[] = [];
  for (let at: string | undefined = id; at !== undefined && at !== ROOTS; at = state.parents.get(at)) {
    if (state.parents.has(at)) path.unshift(at);
  }
  return path;
}

/** Creates the state that the server rendered. */
export function startState(roots: ChildPage, children: Readonly<Record<string, ChildPage>>): TreeState {
  let state = addPage(EMPTY_TREE, { parent: ROOTS }, roots);
  for (const [parent, page] of Object.entries(children)) state = addPage(state, { parent }, page);
  return setOpen(state, Object.keys(children));
}
