import "server-only";
import type { DirectoryReader } from "./directory-reader";
import type { PathTo } from "./paths";
import { pathsTo } from "./paths";

/** Finds what departments lie in, in the tree as it was after a revision. Of one that was not there the id. */
export async function pathsAt(
  reader: DirectoryReader,
  at: number,
  departmentIds: readonly string[],
): Promise<PathTo> {
  if (departmentIds.length === 0) return (id) => [id];
  const paths = await pathsTo({ ...reader, at }, [...new Set(departmentIds)]);
  return (id) => {
    const steps = paths.get(id) ?? [];
    return steps.length > 0 ? steps.map(({ name }) => name) : [id];
  };
}
