import type { DirectoryChange } from "../control-input";
import { ControlError, findPerson, requireDepartment, requirePerson } from "./directory";
import { generatedPerson } from "./generate-people";
import type { Directory, Membership, Person } from "./model";

type AddPerson = Extract<DirectoryChange, { op: "add_person" }>;
type ChangePerson = Extract<DirectoryChange, { op: "change_person" }>;

const HIRED_AT = Date.UTC(2025, 0, 1);

/** @throws {ControlError} when the userid exists already, or a department is missing */
export function addPerson(directory: Directory, change: AddPerson): string {
  const number = directory.nextPersonNumber;
  directory.nextPersonNumber += 1;
  const userid = change.userid ?? `added${number}`;
  if (findPerson(directory, userid)) throw new ControlError(`person ${userid} already exists`);
  storePerson(directory, {
    userid,
    unionid: `${Buffer.from(`${directory.seed}.${userid}`).toString("base64url")}iEiE`,
    name: change.name,
    title: change.title ?? "",
    mobile: `199${String(number).padStart(8, "0")}`,
    email: "",
    telephone: "",
    remark: "",
    avatar: "",
    jobNumber: "",
    hiredAt: HIRED_AT,
    isActive: true,
    isAdmin: change.isAdmin ?? false,
    isBoss: false,
    isAccessLimited: change.isAccessLimited ?? false,
    memberships: membershipsOf(directory, { leaderOf: [], ...change }),
    negativeDeptIds: [],
    fields: change.fields ?? {},
  });
  return userid;
}

/** @throws {ControlError} when the person or a department is missing */
export function changePerson(directory: Directory, change: ChangePerson): string {
  const person = requirePerson(directory, change.userid);
  const departments = change.departments ?? person.memberships.map(({ deptId }) => deptId);
  storePerson(directory, {
    ...person,
    name: change.name ?? person.name,
    title: change.title ?? person.title,
    isActive: change.isActive ?? person.isActive,
    isAdmin: change.isAdmin ?? person.isAdmin,
    isAccessLimited: change.isAccessLimited ?? person.isAccessLimited,
    memberships: membershipsOf(directory, { ...change, departments }, person.memberships),
    fields: change.fields ?? person.fields,
  });
  return change.userid;
}

/** @throws {ControlError} when the person is missing */
export function removePerson(directory: Directory, userid: string): string {
  const person = requirePerson(directory, userid);
  forget(directory, person);
  directory.storedPeople.delete(userid);
  if (generatedPerson(directory, userid)) directory.departed.add(userid);
  return userid;
}

/** Stores a person, in place of the stored or generated one. */
export function storePerson(directory: Directory, person: Person): void {
  const before = directory.storedPeople.get(person.userid);
  if (before) forget(directory, before);
  directory.storedPeople.set(person.userid, person);
  for (const { deptId } of person.memberships) {
    const members = directory.storedMembers.get(deptId) ?? new Set();
    directory.storedMembers.set(deptId, members.add(person.userid));
  }
}

function forget(directory: Directory, person: Person): void {
  for (const { deptId } of person.memberships) directory.storedMembers.get(deptId)?.delete(person.userid);
}

type WantedMemberships = Pick<ChangePerson, "leaderOf" | "titles" | "orders"> & {
  readonly departments: readonly number[];
};

/** Keeps unnamed values of memberships that exist already. */
function membershipsOf(
  directory: Directory,
  { departments, leaderOf, titles, orders }: WantedMemberships,
  held: readonly Membership[] = [],
): Membership[] {
  return departments.map((deptId) => {
    requireDepartment(directory, deptId);
    const before = held.find((membership) => membership.deptId === deptId);
    const title = titles?.[deptId] ?? before?.title;
    return {
      deptId,
      order: orders?.[deptId] ?? before?.order ?? BigInt(deptId),
      isLeader: leaderOf?.includes(deptId) ?? before?.isLeader ?? false,
      ...(title !== undefined && { title }),
    };
  });
}
