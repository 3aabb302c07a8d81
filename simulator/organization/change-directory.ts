import type { DirectoryChange } from "../control-input";
import { addPerson, changePerson, removePerson, storePerson } from "./change-people";
import {
  ControlError,
  findPerson,
  listDescendants,
  listLineage,
  listMembers,
  requireDepartment,
} from "./directory";
import { compareOrder } from "./generate-tree";
import type { Department, Directory, Person } from "./model";

/**
 * Applies a change to an organization's directory.
 *
 * @returns the department id or userid of the change
 * @throws {ControlError} when a department or person is missing, or the result would not be a tree
 */
export function changeDirectory(directory: Directory, change: DirectoryChange): number | string {
  switch (change.op) {
    case "add_department":
      return addDepartment(directory, change);
    case "rename_department":
      requireDepartment(directory, change.id).name = change.name;
      return change.id;
    case "move_department":
      return moveDepartment(directory, change.id, change.parentId);
    case "order_department":
      return orderDepartment(directory, change.id, change.order);
    case "set_department_fields":
      requireDepartment(directory, change.id).fields = change.fields;
      return change.id;
    case "remove_department":
      return removeDepartment(directory, change.id, change.people);
    case "add_person":
      return addPerson(directory, change);
    case "change_person":
      return changePerson(directory, change);
    case "remove_person":
      return removePerson(directory, change.userid);
  }
}

type Change<Op extends DirectoryChange["op"]> = Extract<DirectoryChange, { op: Op }>;

function addDepartment(directory: Directory, change: Change<"add_department">): number {
  const parent = requireDepartment(directory, change.parentId);
  const id = change.id ?? freeId(directory);
  if (directory.departments.has(id)) throw new ControlError(`department ${id} already exists`);
  const department: Department = {
    id,
    ordinal: null,
    parentId: parent.id,
    name: change.name,
    order: change.order ?? BigInt(id),
    childIds: [],
  };
  if (change.fields) department.fields = change.fields;
  directory.departments.set(id, department);
  parent.childIds.push(id);
  sortSiblings(directory, parent);
  return id;
}

function freeId(directory: Directory): number {
  while (directory.departments.has(directory.nextDepartmentId)) directory.nextDepartmentId += 1;
  const id = directory.nextDepartmentId;
  directory.nextDepartmentId += 1;
  return id;
}

function moveDepartment(directory: Directory, id: number, parentId: number): number {
  const department = requireDepartment(directory, id);
  const parent = requireDepartment(directory, parentId);
  if (department.parentId === null) throw new ControlError("the root cannot be moved");
  if (listLineage(directory, parentId).includes(id)) throw new ControlError(`${parentId} is below ${id}`);
  detach(directory, department);
  department.parentId = parentId;
  parent.childIds.push(id);
  sortSiblings(directory, parent);
  return id;
}

function orderDepartment(directory: Directory, id: number, order: bigint): number {
  const department = requireDepartment(directory, id);
  department.order = order;
  if (department.parentId !== null)
    sortSiblings(directory, requireDepartment(directory, department.parentId));
  return id;
}

/** Removes a department and everything below it. Its people move to its parent, or leave. */
function removeDepartment(directory: Directory, id: number, people: "to_parent" | "leave"): number {
  const department = requireDepartment(directory, id);
  const { parentId } = department;
  if (parentId === null) throw new ControlError("the root cannot be removed");
  const doomed = [department, ...listDescendants(directory, department)];
  const doomedIds = new Set(doomed.map((each) => each.id));
  const affected = new Set(
    doomed.flatMap((each) => listMembers(directory, each).map(({ userid }) => userid)),
  );
  for (const userid of affected) {
    const person = findPerson(directory, userid);
    if (person)
      leaveDepartments(directory, { person, doomedIds, parentId: people === "leave" ? null : parentId });
  }
  detach(directory, department);
  for (const each of doomed) {
    directory.departments.delete(each.id);
    directory.storedMembers.delete(each.id);
  }
  return id;
}

function leaveDepartments(
  directory: Directory,
  {
    person,
    doomedIds,
    parentId,
  }: { person: Person; doomedIds: ReadonlySet<number>; parentId: number | null },
): void {
  const kept = person.memberships.filter(({ deptId }) => !doomedIds.has(deptId));
  if (kept.length === 0 && parentId === null) {
    removePerson(directory, person.userid);
    return;
  }
  const first = person.memberships[0];
  const fallback = { deptId: parentId ?? 0, order: first?.order ?? 0n, isLeader: false };
  storePerson(directory, { ...person, memberships: kept.length > 0 ? kept : [fallback] });
}

function detach(directory: Directory, department: Department): void {
  const parent = requireDepartment(directory, department.parentId ?? 0);
  parent.childIds.splice(parent.childIds.indexOf(department.id), 1);
}

function sortSiblings(directory: Directory, parent: Department): void {
  const rank = (id: number): [bigint, number] => [directory.departments.get(id)?.order ?? 0n, id];
  parent.childIds.sort((a, b) => compareOrder(rank(a), rank(b)));
}
