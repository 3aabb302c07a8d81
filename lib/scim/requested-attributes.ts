import { toAttribute } from "./parse-filter";
import { URN } from "./urns";

/** The attributes to return; `only: null` for all. */
export type Projection = { readonly only: readonly string[] | null; readonly without: readonly string[] };

export type Resource = { readonly [name: string]: unknown };

const ALWAYS: ReadonlySet<string> = new Set(["id", "schemas"]);

const listOf = (text: string | null): string[] =>
  (text ?? "").split(",").flatMap((one) => (one.trim() === "" ? [] : toAttribute(one.trim())));

/** @param attributes separated by commas */
export function toProjection(attributes: string | null, excluded: string | null): Projection {
  const only = listOf(attributes);
  // SCIM allows only one of the two. With both, the requested attributes win.
  return only.length > 0 ? { only, without: [] } : { only: null, without: listOf(excluded) };
}

const isSame = (path: string, name: string) => path === name;
const isAbove = (path: string, name: string) => name.startsWith(`${path}.`);

/** Returns whether any part of an attribute is requested. */
export const isWanted = ({ only, without }: Projection, name: string): boolean => {
  const path = name.toLowerCase();
  if (only) return only.some((one) => isSame(one, path) || isAbove(one, path) || isAbove(path, one));
  return !without.some((one) => isSame(one, path) || isAbove(one, path));
};

const isObject = (value: unknown): value is Resource =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function within(value: unknown, path: string, projection: Projection): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => within(one, path, projection));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([name]) => isWanted(projection, `${path}.${name}`));
  return Object.fromEntries(kept);
}

/** Returns a resource with the requested attributes, and always its id and schemas. */
export function project(resource: Resource, projection: Projection): Resource {
  const kept = Object.entries(resource).flatMap(([name, value]): [string, unknown][] => {
    if (ALWAYS.has(name)) return [[name, value]];
    const path = name === URN.enterprise ? "enterprise" : name.toLowerCase();
    return isWanted(projection, path) ? [[name, within(value, path, projection)]] : [];
  });
  return Object.fromEntries(kept);
}
