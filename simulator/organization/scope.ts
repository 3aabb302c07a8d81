import { listLineage } from "./directory";
import type { Directory, Person } from "./model";

/** What an administrator lets an app see: departments with all that is below them, and single people (reference 4.8). */
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
