import { isJsonObject, type JsonObject, type JsonValue } from "./read-json";

/**
 * The value of a documented key. One that differs in case only (`RequestId`) counts where the documented
 * one is missing, since DingTalk's gateways disagree about capitals.
 */
export function fieldOf(object: JsonObject, name: string): JsonValue | undefined {
  if (name in object) return object[name];
  const wanted = name.toLowerCase();
  const found = Object.keys(object).find((key) => key.toLowerCase() === wanted);
  return found === undefined ? undefined : object[found];
}

/** By the list itself: one that is kept is gone through once, and not for each of half a million members. */
const known = new WeakMap<readonly string[], ReadonlyMap<string, string>>();

function spellingsOf(documented: readonly string[]): ReadonlyMap<string, string> {
  const held = known.get(documented);
  if (held) return held;
  const lowered = documented.map((name) => [name.toLowerCase(), name] as const);
  const spellings = new Map([...lowered, ...documented.map((name) => [name, name] as const)]);
  known.set(documented, spellings);
  return spellings;
}

/**
 * The object with its documented keys in their documented spelling. Of keys that differ in case only, the
 * documented one wins and the others are gone; keys that no page documents stay as they are.
 */
export function withDocumentedKeys(object: JsonObject, documented: readonly string[]): JsonObject {
  const spellings = spellingsOf(documented);
  const fields: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(object)) {
    const name = spellings.get(key) ?? spellings.get(key.toLowerCase()) ?? key;
    if (name === key || !(name in object)) fields[name] = value;
  }
  return fields;
}

/** Decimal text of an id; `null` if it is none. Ids come as numbers, and in places as text. */
export function idOf(value: JsonValue | undefined): string | null {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^-?[0-9]{1,20}$/.test(text.trim())) return null;
  return BigInt(text.trim()).toString();
}

/** An id of a department that can be addressed: those of 0 and below are special ones of schools. */
export function positiveIdOf(value: JsonValue | undefined): string | null {
  const id = idOf(value);
  return id === null || id === "0" || id.startsWith("-") ? null : id;
}

/** Text, or a number as text; `null` if it is neither, or empty. */
export function textOf(value: JsonValue | undefined): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

/** Yes or no, which some answers send as `"true"` or `1`; `null` if it is neither. */
export function flagOf(value: JsonValue | undefined): boolean | null {
  if (value === true || value === "true" || value === 1 || value === "1") return true;
  if (value === false || value === "false" || value === 0 || value === "0") return false;
  return null;
}

/** A list, or the one thing that was sent in its place; `null` if there is neither. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] | null {
  if (value === undefined || value === null || value === "") return null;
  return Array.isArray(value) ? value : [value];
}

/** The texts of a list, leaving out what is none. */
export function textsOf(value: JsonValue | undefined): string[] {
  return (listOf(value) ?? []).map(textOf).filter((text) => text !== null);
}

export function objectOf(value: JsonValue | undefined): JsonObject | null {
  return isJsonObject(value) ? value : null;
}
