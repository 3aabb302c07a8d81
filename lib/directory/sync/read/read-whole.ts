import type { Department } from "@/lib/dingtalk/departments";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { countLeast, type Reading, type WholeRefusal } from "./reading";

/**
 * Why the tree is read level by level after all: the app may not ask for it, the answer is too large or takes too
 * long, or the root is refused, which the levels know how to settle.
 */
const REFUSALS: ReadonlySet<DingtalkError["kind"]> = new Set<DingtalkError["kind"]>([
  "missing_permission",
  "needs_authorization",
  "api_disabled",
  "malformed_request",
  "unknown_code",
  "too_large",
  "timeout",
  "temporary_fault",
  "department_gone",
  "department_out_of_scope",
  "member_out_of_scope",
]);

/**
 * Asks for all that is below each root at once, where the app may, as if every department had been listed. What
 * it doesn't get, or what makes no tree, is left for the walk to list.
 *
 * @throws what a call throws for another reason
 */
export async function readWhole(reading: Reading, roots: readonly string[]): Promise<void> {
  const { listAll } = reading.calls;
  if (listAll === null) return;
  reading.strategy = "whole";
  await reading.lanes.each("listSub", roots, async (root) => {
    if (reading.strategy === "levels" || reading.known.lists.has(root)) return;
    try {
      const lists = toLists(root, await listAll(root, reading.stop.signal));
      if (lists === null) return refuse(reading, "contradictory");
      countLeast(reading, "listAll");
      for (const [id, children] of lists) {
        reading.known.lists.set(id, children);
        await reading.task.checkpoint?.putList(id, children);
      }
    } catch (error) {
      if (!(error instanceof DingtalkError) || !REFUSALS.has(error.kind)) throw error;
      refuse(reading, error.kind);
    }
  });
}

function refuse(reading: Reading, reason: WholeRefusal): void {
  reading.strategy = "levels";
  reading.task.onWholeRefused?.(reason);
}

/**
 * The lists of a root and of all that is below it. The root itself may be among the rows or not.
 *
 * @returns `null` when they make no tree: somebody stands in two places, or below nobody who is there
 */
export function toLists(
  root: string,
  rows: readonly Department[],
): ReadonlyMap<string, readonly Department[]> | null {
  const lists = new Map<string, Department[]>([[root, []]]);
  const parents = new Map<string, string | null>();
  for (const row of rows) {
    const { departmentId: id, parentId } = row;
    if (id === root) continue;
    if (parentId === null || (parents.has(id) && parents.get(id) !== parentId)) return null;
    if (parents.has(id)) continue;
    parents.set(id, parentId);
    listOf(lists, id);
    listOf(lists, parentId).push(row);
  }
  const reached = [root];
  // It grows while it is read; what is in a circle, or below one that is not there, is never reached
  for (const id of reached) for (const { departmentId } of listOf(lists, id)) reached.push(departmentId);
  return reached.length === lists.size ? lists : null;
}

function listOf(lists: Map<string, Department[]>, id: string): Department[] {
  const known = lists.get(id);
  if (known) return known;
  const made: Department[] = [];
  lists.set(id, made);
  return made;
}
