import type { DirectoryChange } from "../control-input";
import { toExactJson } from "../exact-json";
import { changeDirectory } from "../organization/change-directory";
import {
  findDepartment,
  findManagerId,
  findPerson,
  listDescendants,
  listMemberIds,
} from "../organization/directory";
import type { Directory, Person } from "../organization/model";
import type { EventDraft } from "./event";

/** Ids of one event at most, so that the removal of a large department makes several events. */
const IDS_PER_EVENT_MAX = 100;

type Changed = { readonly result: number | string; readonly events: readonly EventDraft[] };

/**
 * Applies a change to an organization's directory, and lists the events that DingTalk pushes for it.
 *
 * @throws {ControlError} when a department or person is missing, or the result would not be a tree
 * @see docs/dingtalk/events.md#contact-events
 */
export function changeWithEvents(directory: Directory, change: DirectoryChange): Changed {
  const listEvents = prepareEvents(directory, change);
  const result = changeDirectory(directory, change);
  return { result, events: listEvents(result) };
}

/** Reads the state before a change. The returned function compares it with the state after the change. */
function prepareEvents(
  directory: Directory,
  change: DirectoryChange,
): (result: number | string) => EventDraft[] {
  switch (change.op) {
    case "add_department":
      return (id) => departmentEvents("org_dept_create", [Number(id)]);
    case "rename_department":
    case "move_department":
    case "order_department":
    case "set_department_fields":
      return () => departmentEvents("org_dept_modify", [change.id]);
    case "remove_department":
      return prepareRemoval(directory, change.id);
    case "add_person":
      return (userid) => [
        ...userEvents("user_add_org", [String(userid)]),
        ...(change.isAdmin ? userEvents("org_admin_add", [String(userid)]) : []),
      ];
    case "change_person": {
      const before = stateOf(directory, change.userid);
      return () => (before ? personEvents(before, stateOf(directory, change.userid)) : []);
    }
    case "remove_person":
      return () => userEvents("user_leave_org", [change.userid]);
  }
}

function prepareRemoval(directory: Directory, id: number): () => EventDraft[] {
  const department = findDepartment(directory, id);
  const doomed = department ? [department, ...listDescendants(directory, department)] : [];
  const userids = [...new Set(doomed.flatMap((each) => listMemberIds(directory, each)))];
  const isGone = (userid: string) => findPerson(directory, userid) === null;
  return () => [
    ...userEvents(
      "user_modify_org",
      userids.filter((userid) => !isGone(userid)),
    ),
    ...userEvents("user_leave_org", userids.filter(isGone)),
    // DingTalk removes departments without children only, so the lowest ones go first.
    ...departmentEvents("org_dept_remove", doomed.map((each) => each.id).toReversed()),
  ];
}

const departmentEvents = (eventType: string, ids: readonly number[]): EventDraft[] =>
  chunk(ids).map((deptId) => ({ eventType, data: { deptId } }));

const userEvents = (eventType: string, userids: readonly string[]): EventDraft[] =>
  chunk(userids).map((userId) => ({ eventType, data: { userId } }));

function chunk<T>(ids: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < ids.length; from += IDS_PER_EVENT_MAX) {
    chunks.push(ids.slice(from, from + IDS_PER_EVENT_MAX));
  }
  return chunks;
}

type PersonState = { readonly person: Person; readonly managerId: string | null };

function stateOf(directory: Directory, userid: string): PersonState | null {
  const person = findPerson(directory, userid);
  return person && { person, managerId: findManagerId(directory, person) };
}

function personEvents(before: PersonState, after: PersonState | null): EventDraft[] {
  if (!after) return [];
  const ids = [after.person.userid];
  const [was, is] = [before.person, after.person];
  return [
    ...modifyEvents(before, after),
    ...(is.isActive && !was.isActive ? userEvents("user_active_org", ids) : []),
    ...(is.isAdmin && !was.isAdmin ? userEvents("org_admin_add", ids) : []),
    ...(was.isAdmin && !is.isAdmin ? userEvents("org_admin_remove", ids) : []),
  ];
}

/** Returns `user_modify_org` if the organization's data of the person differ. */
function modifyEvents(before: PersonState, after: PersonState): EventDraft[] {
  const { userid } = after.person;
  const [prev, curr] = [diffFields(before), diffFields(after)];
  const names = Object.keys(curr).filter((name) => prev[name] !== curr[name]);
  if (names.length === 0 && otherFields(before) === otherFields(after)) return [];
  const pick = (fields: Record<string, unknown>) =>
    Object.fromEntries(names.map((name) => [name, fields[name]]));
  const diffInfo = { prev: pick(prev), curr: pick(curr), userid };
  return [{ eventType: "user_modify_org", data: { userId: [userid], diffInfo } }];
}

/** Fields whose values DingTalk repeats in `diffInfo`. */
const diffFields = ({ person, managerId }: PersonState): Record<string, unknown> => ({
  name: person.name,
  managerUserid: managerId ?? "",
  telephone: person.fields.telephone ?? person.telephone,
  email: person.fields.email ?? person.email,
  jobNumber: person.jobNumber,
});

/** Fields whose change is announced without their values. */
const otherFields = ({ person: { title, isAccessLimited, memberships, fields } }: PersonState): string =>
  toExactJson({ title, isAccessLimited, memberships, fields });
