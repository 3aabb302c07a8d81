import { findDepartment, findPerson } from "./directory";
import type { Department, Directory, Person } from "./model";

/** What was asked of the control cannot be done. The message is for the person who wrote the test. */
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
