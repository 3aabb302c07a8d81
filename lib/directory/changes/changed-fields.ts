import type { JsonValue } from "@/lib/dingtalk/read-json";
import { canonicalJson } from "../canonical-json";
import { type DepartmentState, type MemberState, type PlaceState } from "./stored-states";

/** The value of a field: text, a boolean, or the ids of departments or members; `null` for none. */
export type FieldValue =
  | string
  | boolean
  | null
  | { readonly departments: readonly string[] }
  | { readonly people: readonly string[] };

export type FieldChange = {
  /** Dingkeep's name of the field, otherwise DingTalk's. */
  readonly field: string;
  /** The department for a field that a member has per department. */
  readonly departmentId: string | null;
  readonly before: FieldValue;
  readonly after: FieldValue;
};

const TEXT_CHARACTERS_MAX = 200;

/** Fields of `department/get` that hold one userid or a list of them, and their names here. */
const PEOPLE: Readonly<Record<string, string>> = {
  dept_manager_userid_list: "managers",
  org_dept_owner: "groupOwner",
};

function textOf(value: JsonValue | undefined): string | boolean | null {
  if (value === undefined || value === null || typeof value === "boolean") return value ?? null;
  const isList = Array.isArray(value) && value.every((each) => typeof each !== "object");
  const text = isList ? value.join(", ") : typeof value === "object" ? canonicalJson(value) : String(value);
  return text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}…` : text;
}

const peopleOf = (value: JsonValue | undefined): FieldValue => {
  const ids = Array.isArray(value) ? value : [value];
  const people = ids.filter((id): id is string => typeof id === "string" && id !== "");
  return people.length > 0 ? { people } : null;
};

const entriesOf = (value: JsonValue): ReadonlyMap<string, JsonValue> =>
  new Map(typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : []);

function changedKeys(before: JsonValue, after: JsonValue): FieldChange[] {
  const [was, is] = [entriesOf(before), entriesOf(after)];
  const keys = [...new Set([...was.keys(), ...is.keys()])].sort();
  return keys
    .filter((key) => canonicalJson(was.get(key) ?? null) !== canonicalJson(is.get(key) ?? null))
    .map((key) => {
      const of = PEOPLE[key] ? peopleOf : textOf;
      const [from, to] = [of(was.get(key)), of(is.get(key))];
      return { field: PEOPLE[key] ?? key, departmentId: null, before: from, after: to };
    });
}

const field = (
  name: string,
  before: FieldValue,
  after: FieldValue,
  departmentId: string | null = null,
): FieldChange[] =>
  JSON.stringify(before) === JSON.stringify(after) ? [] : [{ field: name, departmentId, before, after }];

const departments = (ids: readonly (string | null)[]): FieldValue => {
  const known = ids.filter((id) => id !== null);
  return known.length > 0 ? { departments: known } : null;
};

/** Lists the changed fields of a department. Details that were read for the first time count as one field. */
export function compareDepartments(before: DepartmentState, after: DepartmentState): FieldChange[] {
  const isFirst = before.details === null && after.details !== null;
  return [
    ...field("name", before.name, after.name),
    ...field("parent", departments([before.parentId]), departments([after.parentId])),
    ...(isFirst ? [] : field("order", before.order, after.order)),
    ...field("sourceIdentifier", before.sourceIdentifier, after.sourceIdentifier),
    ...changedKeys(before.extra, after.extra),
    ...(isFirst
      ? [{ field: "details", departmentId: null, before: null, after: null }]
      : changedKeys(before.details, after.details)),
  ];
}

/** Lists the changed fields of a member. Personal values are reported as changed, without content and id (S33). */
export function compareMembers(before: MemberState, after: MemberState): FieldChange[] {
  const ids = (places: readonly PlaceState[]) => departments(places.map(({ departmentId }) => departmentId));
  const was = new Map(before.places.map((place) => [place.departmentId, place]));
  return [
    ...field("name", before.name, after.name),
    ...field("departments", ids(before.places), ids(after.places)),
    ...field("title", before.title, after.title),
    ...field("jobNumber", before.jobNumber, after.jobNumber),
    ...field("unionId", before.unionId, after.unionId),
    ...field("isActive", before.isActive, after.isActive),
    ...field("isAdmin", before.isAdmin, after.isAdmin),
    ...field("isBoss", before.isBoss, after.isBoss),
    ...field("isExclusive", before.isExclusive, after.isExclusive),
    ...field("hidesMobile", before.hidesMobile, after.hidesMobile),
    ...field("otherFields", textOf([...before.otherFields]), textOf([...after.otherFields])),
    ...(before.personalId === after.personalId
      ? []
      : [{ field: "personal", departmentId: null, before: null, after: null }]),
    ...after.places.flatMap((place) => {
      const { departmentId: id } = place;
      const former = was.get(id);
      if (!former) return [];
      return [
        ...field("placeTitle", former.title, place.title, id),
        ...field("isLeader", former.isLeader, place.isLeader, id),
        ...field("placeOrder", former.order, place.order, id),
      ];
    }),
  ];
}
