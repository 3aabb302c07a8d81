import { countGenerated, generatedMembers, generatedPerson } from "./generate-people";
import { generateTree } from "./generate-tree";
import type { Department, Directory, Person } from "./model";
import { ROOT_ID } from "./model";

/** Generates an organization's directory with `size` departments below the root. */
export function makeDirectory(options: { seed: number; size: number; name: string }): Directory {
  const { seed, size, name } = options;
  const departments = generateTree(seed, size, name);
  return {
    seed,
    size,
    departments: new Map(departments.map((department) => [department.id, department])),
    idsByOrdinal: departments.map(({ id }) => id),
    storedPeople: new Map(),
    storedMembers: new Map(),
    departed: new Set(),
    nextDepartmentId: 900_000_001,
    nextPersonNumber: 1,
  };
}

export function findDepartment(directory: Directory, id: number): Department | null {
  return directory.departments.get(id) ?? null;
}

/** Lists the departments one level below, by `order`. */
export function listChildren(directory: Directory, department: Department): Department[] {
  return department.childIds.flatMap((id) => directory.departments.get(id) ?? []);
}

/** Lists every department below, parents before children. */
export function listDescendants(directory: Directory, department: Department): Department[] {
  const found = listChildren(directory, department);
  // A for…of over a growing array visits added elements, which makes this a breadth-first walk.
  for (const child of found) found.push(...listChildren(directory, child));
  return found;
}

/** Lists the ids from a department up to the root, both included. */
export function listLineage(directory: Directory, id: number): number[] {
  const lineage: number[] = [];
  let department = directory.departments.get(id);
  while (department) {
    lineage.push(department.id);
    department = department.parentId === null ? undefined : directory.departments.get(department.parentId);
  }
  return lineage;
}

/** Lists the userids of a department's direct members, in a stable order. */
export function listMemberIds(directory: Directory, department: Department): string[] {
  const generated = department.ordinal === null ? [] : generatedMembers(directory, department.ordinal);
  const unchanged = generated.filter(
    (userid) => !directory.storedPeople.has(userid) && !directory.departed.has(userid),
  );
  return [...unchanged, ...(directory.storedMembers.get(department.id) ?? [])];
}

export function listMembers(directory: Directory, department: Department): Person[] {
  return listMemberIds(directory, department).flatMap((userid) => findPerson(directory, userid) ?? []);
}

export function findPerson(directory: Directory, userid: string): Person | null {
  const stored = directory.storedPeople.get(userid);
  if (stored) return stored;
  return directory.departed.has(userid) ? null : generatedPerson(directory, userid);
}

/** Lists the userids of a department's leaders. */
export function listLeaderIds(directory: Directory, department: Department): string[] {
  const isLeader = (person: Person) =>
    person.memberships.some((membership) => membership.deptId === department.id && membership.isLeader);
  return listMembers(directory, department)
    .filter(isLeader)
    .map(({ userid }) => userid);
}

/**
 * Returns a person's manager: the leader of the first department, or of the nearest department above with another
 * leader.
 */
export function findManagerId(directory: Directory, person: Person): string | null {
  const home = person.memberships[0]?.deptId ?? ROOT_ID;
  for (const id of listLineage(directory, home)) {
    const department = directory.departments.get(id);
    const leader = department && listLeaderIds(directory, department)[0];
    if (leader && leader !== person.userid) return leader;
  }
  return null;
}

/** Counts the people of the organization. */
export function countPeople(directory: Directory, onlyActive = false): number {
  const counts = (person: Person | null) => (person && (!onlyActive || person.isActive) ? 1 : 0);
  let count = countGenerated(directory, onlyActive);
  const replaced = new Set([...directory.storedPeople.keys(), ...directory.departed]);
  for (const userid of replaced) count -= counts(generatedPerson(directory, userid));
  for (const person of directory.storedPeople.values()) count += counts(person);
  return count;
}

/** A request to the control that cannot be fulfilled. The message is for the author of the test. */
export class ControlError extends Error {
  override readonly name = "ControlError";
}

export function requireDepartment(directory: Directory, id: number): Department {
  const department = findDepartment(directory, id);
  if (!department) throw new ControlError(`no department ${id}`);
  return department;
}

export function requirePerson(directory: Directory, userid: string): Person {
  const person = findPerson(directory, userid);
  if (!person) throw new ControlError(`no person ${userid}`);
  return person;
}

/**
 * Contact scope of an app: departments with everything below them, and single people.
 *
 * @see docs/dingtalk/permissions-and-scopes.md#contact-scope
 */
export type Scope = {
  readonly departments: readonly number[];
  readonly users: readonly string[];
};

export function isDepartmentInScope(directory: Directory, scope: Scope, id: number): boolean {
  return listLineage(directory, id).some((ancestor) => scope.departments.includes(ancestor));
}

export function isPersonInScope(directory: Directory, scope: Scope, person: Person): boolean {
  if (scope.users.includes(person.userid)) return true;
  return person.memberships.some(({ deptId }) => isDepartmentInScope(directory, scope, deptId));
}
