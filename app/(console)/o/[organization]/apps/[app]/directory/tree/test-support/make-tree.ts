import { FetchError } from "@/app/_components/data/fetch-json";
import type { Child, ChildPage } from "@/lib/directory/tree/schema";
import { startState, type TreeState } from "../tree-state";
import { type ReadChildren, TreeStore } from "../tree-store";

/** Names of children by their parent's name, `""` for the roots. A name is an id too. */
export type Shape = Readonly<Record<string, readonly string[]>>;

/** A page of a shape: `from` and `count` in places from 1. */
export function pageOf(shape: Shape, parent = "", from = 1, count = 200): ChildPage {
  const all = shape[parent] ?? [];
  const items = all
    .slice(from - 1, from - 1 + count)
    .map((name, index): Child => ({ id: name, name, position: from + index, hasChildren: name in shape }));
  return { items, total: all.length };
}

/** The tree with those departments open and loaded. */
export const treeOf = (shape: Shape, open: readonly string[] = []): TreeState =>
  startState(pageOf(shape), Object.fromEntries(open.map((id) => [id, pageOf(shape, id)])));

/** A store over a shape whose server answers at once, but for `broken` parents; and what was asked of it. */
export function storeOf(shape: Shape, open: readonly string[] = [], perPage = 200) {
  const asked: string[] = [];
  const broken = new Set<string>();
  const read: ReadChildren = async ({ parent = "", after, include }) => {
    asked.push([parent, after, include].filter(Boolean).join(" "));
    if (broken.has(parent)) throw new FetchError("unavailable");
    const from = after === undefined ? 1 : (shape[parent] ?? []).indexOf(after) + 2;
    const page = pageOf(shape, parent, from, perPage);
    const place = include === undefined ? 0 : (shape[parent] ?? []).indexOf(include) + 1;
    const extra = place >= from + perPage ? pageOf(shape, parent, place, 1).items : [];
    return { ...page, items: [...page.items, ...extra] };
  };
  return { store: new TreeStore(treeOf(shape, open), read), asked, broken };
}
