import type { JsonValue } from "@/lib/dingtalk/read-json";
import { isJsonObject, parseJson } from "@/lib/dingtalk/read-json";
import type { DirectoryReader } from "../reader/directory-reader";
import type { Person } from "../reader/people";
import { type Mapped, type Mapping, targetsOf, toMapping } from "./default-mapping";
import { isPersonal, type Source } from "./sources";

const text = (value: JsonValue | undefined): string | null => {
  if (value === undefined || value === null || value === "") return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};

/** DingTalk sends `extension` as a JSON object in a string. */
function extensionOf(value: JsonValue | undefined, key: string): string | null {
  const read = typeof value === "string" ? parseJson(value) : null;
  const object = read?.ok ? read.value : value;
  return isJsonObject(object) && Object.hasOwn(object, key) ? text(object[key]) : null;
}

function fieldOf(person: Person, field: Extract<Source, { from: "field" }>["field"]): string | null {
  switch (field) {
    case "userid":
      return person.userId;
    case "unionid":
      return person.unionId;
    case "name":
      return person.name;
    case "title":
      return person.title;
    case "job_number":
      return person.jobNumber;
    case "departments":
      return text(person.places.flatMap(({ department }) => department ?? []).join("; "));
    case "active":
      return text(person.isActive);
    case "admin":
      return text(person.isAdmin);
    case "boss":
      return text(person.isBoss);
    case "exclusive_account":
      return text(person.isExclusive);
    case "hide_mobile":
      return text(person.hidesMobile);
    default:
      return text(person.personal?.[field]);
  }
}

/** Returns a source's value: `undefined` if left out by the mapping or a right, `null` when the member has none. */
export function valueOf(person: Person, source: Source): string | null | undefined {
  if (source.from === "nothing") return undefined;
  if (source.from === "constant") return text(source.text);
  if (isPersonal(source) && person.personal === null) return undefined;
  return source.from === "extension"
    ? extensionOf(person.personal?.extension, source.key)
    : fieldOf(person, source.field);
}

export function mapPerson(person: Person, mapping: Mapping, mapped: Mapped): Map<string, string | null> {
  const fields = new Map<string, string | null>();
  for (const [name, source] of mapping[mapped]) {
    const value = valueOf(person, source);
    if (value !== undefined) fields.set(name, value);
  }
  return fields;
}

const FLAGS: Readonly<Record<string, boolean>> = { true: true, false: false };

export function mapPersonToJson(
  person: Person,
  mapping: Mapping,
  mapped: Mapped,
): Record<string, string | boolean | null> {
  const flags = new Set(targetsOf(mapped).flatMap(({ name, isFlag }) => (isFlag ? [name] : [])));
  const fields = [...mapPerson(person, mapping, mapped)].map(
    ([name, value]) => [name, flags.has(name) ? (FLAGS[value ?? ""] ?? null) : value] as const,
  );
  return Object.fromEntries(fields);
}

/** Returns the saved mapping of an app, with the defaults for fields that have no saved source. */
export async function readMapping({ client, scope }: DirectoryReader): Promise<Mapping> {
  const { rows } = await client.query<{ chosen: Record<string, string> | null }>(
    `SELECT field_mapping AS chosen FROM directory_settings WHERE organization_id = $1 AND app_id = $2`,
    [...scope],
  );
  return toMapping(rows[0]?.chosen ?? {});
}
