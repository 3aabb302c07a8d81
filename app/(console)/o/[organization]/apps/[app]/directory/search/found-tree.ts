import type { Found, FoundNode } from "@/lib/directory/search/schema";
import type { Child } from "@/lib/directory/tree/schema";
import { addPage, EMPTY_TREE, ROOTS, setOpen, type TreeState } from "../tree/loaded-tree";

function childrenByParent(nodes: readonly FoundNode[]): Map<string, FoundNode[]> {
  const known = new Set(nodes.map(({ id }) => id));
  const lists = new Map<string, FoundNode[]>([[ROOTS, []]]);
  for (const node of nodes) {
    const parent = node.parentId !== null && known.has(node.parentId) ? node.parentId : ROOTS;
    const list = lists.get(parent);
    if (list) list.push(node);
    else lists.set(parent, [node]);
  }
  return lists;
}

/** Returns the nodes that form cycles and are not reachable from the roots. */
function unreached(nodes: readonly FoundNode[], lists: ReadonlyMap<string, FoundNode[]>): FoundNode[] {
  const reached = new Set<string>();
  const waiting = [ROOTS];
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    for (const { id } of lists.get(parent) ?? []) {
      reached.add(id);
      waiting.push(id);
    }
  }
  return nodes.filter(({ id }) => !reached.has(id));
}

/** Builds the tree of a search result: the hits and their ancestors, all open. */
export function foundTree({ nodes, hitIds }: Found): TreeState {
  const lists = childrenByParent(nodes);
  const cyclic = unreached(nodes, lists);
  if (cyclic.length > 0) {
    for (const { id } of cyclic) lists.delete(id);
    lists.get(ROOTS)?.push(...cyclic);
  }
  const hits = new Set(hitIds);
  let state = EMPTY_TREE;
  for (const [parent, list] of lists) {
    const items = list.map(
      ({ id, name, isRemoved }, index): Child => ({
        id,
        name,
        position: index + 1,
        hasChildren: lists.has(id),
        isRemoved,
        isAncestorOnly: !hits.has(id),
      }),
    );
    state = addPage(state, { parent }, { items, total: items.length });
  }
  return setOpen(state, lists.keys());
}
