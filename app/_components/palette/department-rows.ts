import type { Found } from "@/lib/directory/tree/schema";

const ROWS_MAX = 8;

export type DepartmentRow = {
  readonly id: string;
  readonly name: string;
  /** The departments above it, from the root down. */
  readonly path: readonly string[];
};

/** The best hits of a search, each with where it stands. */
export function departmentRows({ nodes, hitIds }: Found): DepartmentRow[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return hitIds.slice(0, ROWS_MAX).flatMap((id) => {
    const hit = byId.get(id);
    if (!hit) return [];
    const path: string[] = [];
    const passed = new Set([id]);
    let above = hit.parentId === null ? undefined : byId.get(hit.parentId);
    // A tree that contradicts itself ends where it turns in a circle.
    while (above && !passed.has(above.id)) {
      passed.add(above.id);
      path.unshift(above.name);
      above = above.parentId === null ? undefined : byId.get(above.parentId);
    }
    return [{ id, name: hit.name, path }];
  });
}
