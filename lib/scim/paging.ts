import "server-only";
import type { DirectoryReader } from "@/lib/directory/reader/directory-reader";
import { findMark, type PageOf, recordMark } from "./page-marks";
import { ScimRefusal } from "./scim-refusal";

const COUNT_DEFAULT = 100;
export const COUNT_MAX = 500;

export type Paging = { readonly startIndex: number; readonly count: number; readonly filter: string };

/** Returns an integer parameter, raised to the minimum. */
function wholeOf(
  query: URLSearchParams,
  name: string,
  { minimum, fallback }: { minimum: number; fallback: number },
) {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || Math.abs(value) > 2 ** 31 - 1) {
    throw new ScimRefusal("invalidValue", `${name} is not an integer`);
  }
  return Math.max(value, minimum);
}

export const pagingOf = (query: URLSearchParams): Paging => ({
  startIndex: wholeOf(query, "startIndex", { minimum: 1, fallback: 1 }),
  count: Math.min(wholeOf(query, "count", { minimum: 0, fallback: COUNT_DEFAULT }), COUNT_MAX),
  filter: query.get("filter") ?? "",
});

/** Where a page begins: after a key, if it is known, otherwise at an offset. */
export type PageStart = { readonly after: string | null; readonly offset: number };

export function pageStartOf(page: PageOf, nowMs: number): PageStart {
  const after = page.startIndex > 1 ? findMark(page, nowMs) : null;
  return { after, offset: after === null ? page.startIndex - 1 : 0 };
}

export function recordPageEnd(page: PageOf, keys: readonly string[], nowMs: number): void {
  const last = keys.at(-1);
  if (last !== undefined) recordMark({ ...page, startIndex: page.startIndex + keys.length }, last, nowMs);
}

/** The filtered rows. `$1` and `$2` are the scope, followed by the values. */
type Filtered = {
  readonly from: string;
  readonly conditions: readonly string[];
  readonly values: readonly unknown[];
};

/** Returns the number of resources: stored for the whole directory, counted for a filter. */
export async function countFound(
  { client, scope }: DirectoryReader,
  what: "members" | "departments",
  { from, conditions, values }: Filtered,
): Promise<number> {
  const sql =
    conditions.length === 0
      ? `SELECT coalesce(max(${what}), 0) AS n FROM directory WHERE organization_id = $1 AND app_id = $2`
      : `SELECT count(*)::int AS n FROM ${from} AND removed_at IS NULL AND ${conditions.join(" AND ")}`;
  const { rows } = await client.query<{ n: number }>(sql, [...scope, ...values]);
  return rows[0]?.n ?? 0;
}
