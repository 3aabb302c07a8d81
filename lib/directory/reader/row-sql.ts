import "server-only";
import type { Locale } from "@/lib/i18n/locales";

/**
 * Returns a subquery of the rows that exist now, or existed after a revision. `$1` and `$2` are the reader's scope. The
 * revision is our own integer and goes into the text, so that each statement numbers its parameters freely.
 *
 * PostgreSQL pushes an outer condition into both halves of the union, but not an ORDER BY with a LIMIT: `tail` ends each half.
 */
type RowsAt = (at: number | undefined, tail?: string) => string;

const IN_SCOPE = "organization_id = $1 AND app_id = $2";

function rowsAt(
  at: number | undefined,
  tail: string,
  {
    table,
    past,
    columns,
    exists = "true",
  }: { table: string; past: string; columns: string; exists?: string },
): string {
  const present = `SELECT ${columns}, ${exists} AS is_present FROM ${table} WHERE ${IN_SCOPE}`;
  if (at === undefined) return `(${present} ${tail})`;
  if (!Number.isSafeInteger(at)) throw new TypeError(`not a revision: ${at}`);
  return `((${present} AND ${exists} AND since_revision <= ${at} ${tail})
    UNION ALL (SELECT ${columns}, true FROM ${past}
      WHERE ${IN_SCOPE} AND from_revision <= ${at} AND to_revision > ${at} ${tail}))`;
}

/** In the present, removed departments are included with `is_present` false. */
export const departmentRows: RowsAt = (at, tail = "") =>
  rowsAt(at, tail, {
    table: "department",
    past: "department_past",
    columns: `department_id, parent_id, name, "order", source_identifier, details`,
    exists: "removed_at IS NULL",
  });

/** In the present, removed members are included with `is_present` false. */
export const memberRows: RowsAt = (at, tail = "") =>
  rowsAt(at, tail, {
    table: "member",
    past: "member_past",
    columns: "user_id, name, title, job_number, is_active",
    exists: "removed_at IS NULL",
  });

/** The departments of each member. */
export const placeRows: RowsAt = (at, tail = "") =>
  rowsAt(at, tail, {
    table: "member_place",
    past: "place_past",
    columns: `department_id, user_id, title, is_leader, "order"`,
  });

/**
 * For the transaction: prefers an index that provides the order to a flatter one plus a sort, and skips JIT compilation,
 * which costs more than these statements themselves.
 */
export const PREFER_INDEX_ORDER = "SET LOCAL enable_sort = off; SET LOCAL jit = off";

/**
 * Finds rows by the last column of a key. Goes after another condition.
 *
 * A range with ORDER BY instead of an equation: before ANALYZE, and with many organizations, the planner estimates one row
 * for an app, so every index that begins with the app looks as good as the key. Only the key also provides the order.
 */
export const keyLookup = (column: string, value: string, limit = 1, more = ""): string =>
  `AND ${column} >= ${value} AND ${column} <= ${value} ${more} ORDER BY ${column} LIMIT ${limit}`;

/** Selects `columns` of the departments with the ids `$3`, removed ones included. */
export const departmentsByIdSql = (columns: string): string => `
  SELECT ${columns} FROM unnest($3::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
    SELECT * FROM department WHERE organization_id = $1 AND app_id = $2 ${keyLookup("department_id", "wanted.id")}) d`;

/** ICU collations, which PostgreSQL ships beside the database's own. Constants, so that no input reaches the SQL. */
const COLLATIONS = { "zh-CN": "zh-Hans-x-icu", en: "en-x-icu" } as const satisfies Record<Locale, string>;

/** @param locale an unsupported one falls back to English */
export const nameCollation = (locale: string): string =>
  locale === "zh-CN" ? COLLATIONS[locale] : COLLATIONS.en;

/**
 * Orders siblings by DingTalk's `order`, ascending; departments without one follow by name in the locale's order (Chinese
 * by pinyin). The id makes the order total.
 */
export const siblingOrder = (locale: string): string =>
  `"order" NULLS LAST, name COLLATE "${nameCollation(locale)}", department_id`;
