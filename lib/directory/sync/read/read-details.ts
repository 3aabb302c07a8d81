import type { DepartmentDetail } from "@/lib/dingtalk/departments";
import { canonicalJson } from "../../canonical-json";
import { countLeast, isGone, isOutOfScope, type Reading, requireSameScope } from "./reading";

/** Asks for a department with all that no list tells. @throws what the call throws */
export async function getDetail(reading: Reading, id: string): Promise<DepartmentDetail> {
  countLeast(reading, "get");
  return askDetail(reading, id);
}

/** The same once more, of a department that may have been asked for before. */
export async function askDetail(reading: Reading, id: string): Promise<DepartmentDetail> {
  const detail = await reading.calls.get(id, reading.stop.signal);
  await reading.task.checkpoint?.putDetail(detail);
  return detail;
}

/**
 * Reads the details of a department that was seen.
 *
 * @param settle what is to be done when DingTalk says that it is not there any more
 * @throws {ScopeChanged} · what a call throws
 */
export async function readDetails(
  reading: Reading,
  id: string,
  settle: (id: string) => Promise<void>,
): Promise<void> {
  if (reading.seen.get(id)?.details !== null) return;
  try {
    attachDetails(reading, await getDetail(reading, id));
  } catch (error) {
    if (isGone(error)) return settle(id);
    if (!isOutOfScope(error)) throw error;
    // It is listed and not given out: it stays as the list has it, if the scope is what it was
    await requireSameScope(reading);
  }
}

/** Adds to a department what only `department/get` tells: its details, its place among its siblings. */
export function attachDetails({ seen, doubtful, roots }: Reading, detail: DepartmentDetail): void {
  const { departmentId: id, details, order, parentId } = detail;
  const known = seen.get(id);
  if (known === undefined) return;
  seen.set(id, { ...known, department: { ...known.department, order }, details: canonicalJson(details) });
  // It was moved after it was listed
  if (parentId !== null && parentId !== known.parentId && !roots.includes(id)) doubtful.set(id, parentId);
}
