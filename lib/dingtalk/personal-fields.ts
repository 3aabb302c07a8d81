import type { JsonObject, JsonValue } from "./read-json";

/** DingTalk's names of the personal fields of a member (S33). */
export const PERSONAL_FIELDS = [
  "mobile",
  "telephone",
  "state_code",
  "email",
  "org_email",
  "remark",
  "hired_date",
  "work_place",
  "extension",
  "avatar",
] as const;

export type PersonalField = (typeof PERSONAL_FIELDS)[number];
export type PersonalValues = Readonly<Partial<Record<PersonalField, JsonValue>>>;

/** Returns the personal fields of a member that have a value. */
export function personalOf(fields: JsonObject): PersonalValues {
  const values = PERSONAL_FIELDS.map((name) => [name, fields[name]] as const);
  return Object.fromEntries(values.filter(([, value]) => !isEmpty(value)));
}

const isEmpty = (value: JsonValue | undefined): boolean =>
  value === undefined || value === null || value === "";
