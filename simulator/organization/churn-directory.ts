import type { DirectoryChange } from "../control-input";
import { between, mulberry32, pick, type Random } from "../random";
import { listLineage, listMemberIds } from "./directory";
import { type Directory, ROOT_ID } from "./model";
import { GIVEN_NAMES, SQUADS, SURNAMES } from "./names";

/** Only small subtrees are moved, so that the organization keeps its shape after hundreds of changes. */
const MOVED_BELOW_DEPTH = 2;

/**
 * Makes `count` random changes, as a busy personnel department would: people join, leave and change departments, and
 * departments are created, renamed, moved and removed.
 *
 * @param apply makes a change, and returns its department id or userid
 * @returns the changes in order
 */
export function churnDirectory(
  directory: Directory,
  { count, seed }: { count: number; seed: number },
  apply: (change: DirectoryChange) => number | string,
): DirectoryChange[] {
  const random = mulberry32(seed);
  const made: DirectoryChange[] = [];
  // The ids are read once. Departments that are removed meanwhile are skipped.
  const ids = [...directory.departments.keys()];
  for (let tries = 0; made.length < count && tries < count * 10; tries += 1) {
    const change = drawChange(directory, ids, random);
    if (!change) continue;
    const result = apply(change);
    if (change.op === "add_department") ids.push(Number(result));
    made.push(change);
  }
  return made;
}

function drawChange(directory: Directory, ids: readonly number[], random: Random): DirectoryChange | null {
  const id = pick(ids, between(random, 0, ids.length - 1));
  const otherId = pick(ids, between(random, 0, ids.length - 1));
  const department = directory.departments.get(id);
  if (!department || !directory.departments.has(otherId)) return null;
  const members = listMemberIds(directory, department);
  const userid = pick(members, between(random, 0, 511));
  const name = `${pick(SURNAMES, between(random, 0, 99))}${pick(GIVEN_NAMES, between(random, 0, 99))}`;
  const isMovable = listLineage(directory, id).length > MOVED_BELOW_DEPTH;
  const roll = between(random, 0, 9);
  if (roll < 2) return { op: "add_person", name, departments: [id] };
  if (roll < 4) return userid === undefined ? null : { op: "remove_person", userid };
  if (roll < 6) return userid === undefined ? null : { op: "change_person", userid, departments: [otherId] };
  if (roll < 7)
    return { op: "add_department", parentId: id, name: `${pick(SQUADS, roll)}${between(random, 1, 9_999)}` };
  if (id === ROOT_ID) return null;
  if (roll < 8)
    return { op: "rename_department", id, name: `新${pick(SQUADS, id)}${between(random, 1, 9_999)}` };
  if (!isMovable) return null;
  if (roll < 9 && !listLineage(directory, otherId).includes(id))
    return { op: "move_department", id, parentId: otherId };
  return department.childIds.length > 0 ? null : { op: "remove_department", id, people: "to_parent" };
}
