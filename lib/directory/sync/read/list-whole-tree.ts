import type { Department } from "@/lib/dingtalk/departments";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import type { ReadState, WholeRefusal } from "./read-state";

/** After a refusal the call is tried again once these days have passed. */
export const WHOLE_REFUSED_DAYS = 30;

/** Errors after which the tree is read level by level. */
const REFUSALS: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
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
 * Reads everything below each root with one call, as if each department had been listed.
 * @throws what a call throws for another reason
 * @see docs/dingtalk/departments.md#get-departmentlist-legacy
 */
export async function listWholeTree(state: ReadState, roots: readonly string[]): Promise<void> {
  const { listAll } = state.calls;
  if (listAll === null) return;
  state.stats.strategy = "whole";
  await state.queues.each("listSub", roots, async (root) => {
    if (state.stats.strategy === "levels" || state.saved.lists.has(root)) return;
    try {
      const lists = toLists(root, await listAll(root, state.stop.signal));
      if (lists === null) return fallBack(state, "contradictory");
      state.stats.countCall("listAll");
      for (const [id, children] of lists) {
        state.saved.lists.set(id, children);
        await state.task.checkpoint?.putList(id, children);
      }
    } catch (error) {
      if (!(error instanceof DingtalkError) || !REFUSALS.has(error.kind)) throw error;
      fallBack(state, error.kind);
    }
  });
}

function fallBack(state: ReadState, reason: WholeRefusal): void {
  state.stats.strategy = "levels";
  state.task.onWholeRefused?.(reason);
}

/** Groups the rows below a root into lists of children. @returns `null` when the rows form no tree */
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
  // `reached` grows during the loop. Rows of a cycle or below a missing parent are never reached
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
