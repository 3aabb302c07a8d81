import { FetchError } from "@/app/_components/data/fetch-json";
import type { Child, ChildPage } from "@/lib/directory/tree/schema";
import { startState, type TreeState } from "../loaded-tree";
import { type LoadChildren, TreeStore } from "../tree-store";

/** Child names by parent, `""` for the roots. Names are also ids. */
export type Shape = Readonly<Record<string, readonly string[]>>;

/** Returns a page of a shape. Positions start at 1. */
export function pageOf(shape: Shape, parent = "", from = 1, count = 200): ChildPage {
  const all = shape[parent] ?? [];
  const items = all
    .slice(from - 1, from - 1 + count)
    .map((name, index): Child => ({ id: name, name, position: from + index, hasChildren: name in shape }));
  return { items, total: all.length };
}

/** Returns a tree with these departments open and loaded. */
export const treeOf = (shape: Shape, open: readonly string[] = []): TreeState =>
  startState(pageOf(shape), Object.fromEntries(open.map((id) => [id, pageOf(shape, id)])));

/** Returns a store whose fake server answers at once and fails for `broken` parents, and the requests it received. */
export function storeOf(shape: Shape, open: readonly string[] = [], perPage = 200) {
  const requests: string[] = [];
  const broken = new Set<string>();
  const read: LoadChildren = async ({ parent = "", after, include }) => {
    requests.push([parent, after, include].filter(Boolean).join(" "));
    if (broken.has(parent)) throw new FetchError("unavailable");
    const from = after === undefined ? 1 : (shape[parent] ?? []).indexOf(after) + 2;
    const page = pageOf(shape, parent, from, perPage);
    const place = include === undefined ? 0 : (shape[parent] ?? []).indexOf(include) + 1;
    const extra = place >= from + perPage ? pageOf(shape, parent, place, 1).items : [];
    return { ...page, items: [...page.items, ...extra] };
  };
  return { store: new TreeStore(treeOf(shape, open), read), requests, broken };
}
