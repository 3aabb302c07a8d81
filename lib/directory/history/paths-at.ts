import "server-only";
import type { PathTo } from "../changes/load-paths";
import type { Place } from "../reader/directory-reader";
import { pathsTo } from "../reader/paths";

/** Finds what departments lie in, in the tree as it was after a revision. Of one that was not there the id. */
export async function pathsAt(place: Place, at: number, departmentIds: readonly string[]): Promise<PathTo> {
  if (departmentIds.length === 0) return (id) => [id];
  const paths = await pathsTo({ ...place, at }, [...new Set(departmentIds)]);
  return (id) => {
    const steps = paths.get(id) ?? [];
    return steps.length > 0 ? steps.map(({ name }) => name) : [id];
  };
}
