import { err, ok, type Result } from "@/lib/result";
import { isJsonObject, type JsonObject, type JsonValue } from "./read-json";

/** Returns a documented key's value, in any case if it is missing, because DingTalk's gateways differ in capitals. */
export function fieldOf(object: JsonObject, name: string): JsonValue | undefined {
  if (name in object) return object[name];
  const wanted = name.toLowerCase();
  const found = Object.keys(object).find((key) => key.toLowerCase() === wanted);
  return found === undefined ? undefined : object[found];
}

/** Computed once per list of names, not for each of half a million members. */
const spellingsByNames = new WeakMap<readonly string[], ReadonlyMap<string, string>>();

function spellingsOf(documented: readonly string[]): ReadonlyMap<string, string> {
  const cached = spellingsByNames.get(documented);
  if (cached) return cached;
  const lowered = documented.map((name) => [name.toLowerCase(), name] as const);
  const spellings = new Map([...lowered, ...documented.map((name) => [name, name] as const)]);
  spellingsByNames.set(documented, spellings);
  return spellings;
}

/** Returns the object with documented keys in their documented spelling, which wins over keys in another case. */
export function withDocumentedKeys(object: JsonObject, documented: readonly string[]): JsonObject {
  const spellings = spellingsOf(documented);
  const fields: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(object)) {
    const name = spellings.get(key) ?? spellings.get(key.toLowerCase()) ?? key;
    if (name === key || !(name in object)) fields[name] = value;
  }
  return fields;
}

/** Reads an id, sent as a number or as text, as decimal text; `null` if it is not an id. */
export function idOf(value: JsonValue | undefined): string | null {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^-?[0-9]{1,20}$/.test(text.trim())) return null;
  return BigInt(text.trim()).toString();
}

/** Reads a department's id; `null` for ids of 0 and below, which are special departments of schools. */
export function positiveIdOf(value: JsonValue | undefined): string | null {
  const id = idOf(value);
  return id === null || id === "0" || id.startsWith("-") ? null : id;
}

/** Returns `null` for empty text. */
export function textOf(value: JsonValue | undefined): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

/** Reads a boolean, which some answers send as `"true"` or `1`; `null` for other values. */
export function flagOf(value: JsonValue | undefined): boolean | null {
  if (value === true || value === "true" || value === 1 || value === "1") return true;
  if (value === false || value === "false" || value === 0 || value === "0") return false;
  return null;
}

/** Reads a list, or a single value as a list of one; `null` if there is no value. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] | null {
  if (value === undefined || value === null || value === "") return null;
  return Array.isArray(value) ? value : [value];
}

export function textsOf(value: JsonValue | undefined): string[] {
  return (listOf(value) ?? []).map(textOf).filter((text) => text !== null);
}

export function objectOf(value: JsonValue | undefined): JsonObject | null {
  return isJsonObject(value) ? value : null;
}

/** Reads a list of distinct ids. The error is the name of the list, or of its entry that is not an id. */
export function toIds(
  result: JsonObject,
  name: string,
  read: (value: JsonValue | undefined) => string | null,
): Result<string[], string> {
  const items = listOf(fieldOf(result, name));
  if (items === null) return err(name);
  const ids = new Set<string>();
  for (const [index, item] of items.entries()) {
    const id = read(item);
    if (id === null) return err(`${name}.${index}`);
    ids.add(id);
  }
  return ok([...ids]);
}

/** Reads the object `result` of an answer, which may be wrapped in a list. An error names the field in `result`. */
export function readResult<T>(
  answer: JsonObject,
  read: (result: JsonObject) => Result<T, string>,
): Result<T, string> {
  const value = fieldOf(answer, "result");
  const result = objectOf(Array.isArray(value) ? value[0] : value);
  if (result === null) return err("result");
  const outcome = read(result);
  return outcome.ok ? outcome : err(`result.${outcome.error}`);
}
