import type { Found, FoundMember, FoundNode } from "@/lib/directory/search/schema";

/** Departments and people together. */
export const RESULTS_MAX = 8;

export type SearchResult = {
  readonly kind: "department" | "member";
  readonly id: string;
  readonly name: string;
  /** Department names from the root down. A person's own department is the last. */
  readonly path: readonly string[];
  /** The department to open; `null` for a person without a department. */
  readonly departmentId: string | null;
};

function departmentRow(id: string, byId: ReadonlyMap<string, FoundNode>): SearchResult[] {
  const hit = byId.get(id);
  if (!hit) return [];
  const path: string[] = [];
  const passed = new Set([id]);
  let above = hit.parentId === null ? undefined : byId.get(hit.parentId);
  // Stops when inconsistent data forms a cycle.
  while (above && !passed.has(above.id)) {
    passed.add(above.id);
    path.unshift(above.name);
    above = above.parentId === null ? undefined : byId.get(above.parentId);
  }
  return [{ kind: "department", id, name: hit.name, path, departmentId: id }];
}

const memberRow = ({ id, name, departments: [first] }: FoundMember): SearchResult => ({
  kind: "member",
  id,
  name,
  path: first?.path ?? [],
  departmentId: first?.id ?? null,
});

/** Returns the best hits with their paths, half departments and half people when there are enough of both. */
export function toSearchResults({ nodes, hitIds, members }: Found): SearchResult[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const departmentsMax = Math.max(RESULTS_MAX / 2, RESULTS_MAX - members.hits.length);
  const departments = hitIds.slice(0, departmentsMax).flatMap((id) => departmentRow(id, byId));
  return [...departments, ...members.hits.slice(0, RESULTS_MAX - departments.length).map(memberRow)];
}
