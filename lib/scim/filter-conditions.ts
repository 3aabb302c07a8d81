import { departmentId } from "@/lib/directory/ids";
import { type Mapping, targetsOf } from "@/lib/directory/mapping/default-mapping";
import { isPersonal, type Source } from "@/lib/directory/mapping/sources";
import { keyLookup } from "@/lib/directory/reader/row-sql";
import type { NameClause } from "@/lib/directory/search/match-names";
import type { Clause } from "./parse-filter";
import { fromScimId } from "./scim-ids";
import { ScimRefusal } from "./scim-refusal";

/** Adds a value to the statement. Returns its parameter, such as `$3`. */
export type AddValue = (value: unknown) => string;

const NEVER = "false";
/** The mapping's names of SCIM attributes, by their lowercase form in filters. */
const USER_TARGETS = new Map(targetsOf("scim").map(({ name }) => [name.toLowerCase(), name]));
/** More departments than any member has. */
const PLACES_MAX = 1_000;

const refuse = (attribute: string, why: string): never => {
  throw new ScimRefusal("invalidFilter", `${attribute}: ${why}`);
};

/** Columns that filters may compare: exactly or ignoring case. */
const TEXT_COLUMNS: Readonly<Record<string, { readonly column: string; readonly isExact: boolean }>> = {
  userid: { column: "m.user_id", isExact: true },
  unionid: { column: "m.union_id", isExact: true },
  name: { column: "m.name", isExact: false },
  title: { column: "m.title", isExact: false },
  job_number: { column: "m.job_number", isExact: false },
};
const FLAG_COLUMNS: Readonly<Record<string, string>> = {
  active: "m.is_active",
  admin: "m.is_admin",
  boss: "m.is_boss",
  exclusive_account: "m.is_exclusive",
  hide_mobile: "m.hides_mobile",
};

type TextColumn = { readonly column: string; readonly isExact: boolean };

/** Returns a text comparison. The value is a parameter without wildcards (S26). */
export function textCondition(
  { attribute, operator, value }: Clause,
  { column, isExact }: TextColumn,
  add: AddValue,
): string {
  if (typeof value !== "string") return refuse(attribute, "can only be compared with a quoted string");
  const text = add(value);
  if (operator === "co") return `position(lower(${text}) IN lower(${column})) > 0`;
  return isExact ? `${column} = ${text}` : `lower(${column}) = lower(${text})`;
}

function flagCondition({ attribute, operator, value }: Clause, column: string): string {
  if (operator !== "eq" || typeof value !== "boolean")
    return refuse(attribute, "can only be compared by eq with true or false");
  return `${column} IS ${value ? "true" : "false"}`;
}

/** Compares a constant, so the result is the same for every user. */
function constantCondition({ operator, value }: Clause, text: string): string {
  const [constant, searched] = [text.toLowerCase(), String(value).toLowerCase()];
  return (operator === "eq" ? constant === searched : constant.includes(searched)) ? "true" : NEVER;
}

/** Returns the DingTalk id to compare with; `null` when no resource has the filter's id. */
export function idCondition(
  { attribute, operator, value }: Clause,
  to: (id: string) => string | null,
): string | null {
  if (operator !== "eq" || typeof value !== "string")
    return refuse(attribute, "can only be compared by eq with a string");
  return to(value);
}

function sourceCondition(clause: Clause, source: Source, add: AddValue): string {
  if (isPersonal(source))
    return refuse(clause.attribute, "comes from a personal field, which is stored encrypted");
  if (source.from === "constant") return constantCondition(clause, source.text);
  if (source.from !== "field") return refuse(clause.attribute, "has no source in the app's mapping");
  const text = TEXT_COLUMNS[source.field];
  if (text) return textCondition(clause, text, add);
  const flag = FLAG_COLUMNS[source.field];
  return flag === undefined ? refuse(clause.attribute, "can't be compared") : flagCondition(clause, flag);
}

/** Returns the conditions of a filter on rows `member m`. @throws {ScimRefusal} `invalidFilter` */
export function userConditions(
  clauses: readonly Clause[],
  { appId, mapping, add }: { readonly appId: string; readonly mapping: Mapping; readonly add: AddValue },
): string[] {
  return clauses.map((clause) => {
    if (clause.attribute === "id") {
      const userId = idCondition(clause, (id) => fromScimId("user", appId, id));
      return userId === null ? NEVER : `m.user_id = ${add(userId)}`;
    }
    const source = mapping.scim.get(USER_TARGETS.get(clause.attribute) ?? "");
    return source ? sourceCondition(clause, source, add) : refuse(clause.attribute, "can't be compared");
  });
}

export const userNames = (clauses: readonly Clause[], mapping: Mapping): NameClause[] =>
  clauses.flatMap(({ attribute, operator, value }) => {
    const source = mapping.scim.get(USER_TARGETS.get(attribute) ?? "");
    const isName = source?.from === "field" && source.field === "name";
    return isName && typeof value === "string" ? [{ operator, text: value }] : [];
  });

export const groupNames = (clauses: readonly Clause[]): NameClause[] =>
  clauses.flatMap(({ attribute, operator, value }) =>
    attribute === "displayname" && typeof value === "string" ? [{ operator, text: value }] : [],
  );

/** Returns the conditions of a filter on rows `department d`. @throws {ScimRefusal} as `userConditions` */
export function groupConditions(
  clauses: readonly Clause[],
  { appId, add }: { readonly appId: string; readonly add: AddValue },
): string[] {
  return clauses.map((clause) => {
    switch (clause.attribute) {
      case "id": {
        const id = idCondition(clause, (text) => fromScimId("group", appId, text));
        return id === null ? NEVER : `d.department_id = ${add(id)}::bigint`;
      }
      case "externalid": {
        if (clause.operator === "co")
          return textCondition(clause, { column: "d.department_id::text", isExact: true }, add);
        const id = idCondition(clause, (text) => (departmentId.safeParse(text).success ? text : null));
        if (id === null) return NEVER;
        const text = add(id);
        return `d.department_id = ${text}::text::bigint AND d.department_id::text = ${text}`;
      }
      case "displayname":
        return textCondition(clause, { column: "d.name", isExact: false }, add);
      case "members":
      case "members.value": {
        const userId = idCondition(clause, (text) => fromScimId("user", appId, text));
        if (userId === null) return NEVER;
        return `d.department_id IN (SELECT department_id FROM member_place
          WHERE organization_id = $1 AND app_id = $2 ${keyLookup("user_id", add(userId), PLACES_MAX)})`;
      }
      default:
        return refuse(clause.attribute, "can't be compared");
    }
  });
}
