import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { err, ok, type Result } from "@/lib/result";
import { withParentOf } from "./parent-of";
import { inDirectory, type Place } from "./place";
import { departmentId, type Found, type FoundNode } from "./schema";
import { siblingOrder } from "./sibling-order";

export const HITS_MAX = 200;
/** A search ends after this time with a sentence, whatever was typed (S26). */
const SEARCH_MS = 2_000;
const QUERY_CANCELED = "57014";

/** Of too many hits the first are those that fit best: the id itself, the whole name, the shortest names. */
const HITS = `
  SELECT department_id::text AS id, (count(*) OVER ())::int AS total FROM department
  WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL
    AND (name ILIKE $3 ESCAPE '\\' OR department_id = $4::bigint)
  ORDER BY (department_id = $4::bigint) DESC NULLS LAST, lower(name) = lower($5) DESC, char_length(name), department_id
  LIMIT ${HITS_MAX}`;

/** The hits and their ancestors, each once: `UNION` also ends rows that turn in a circle. */
const withAncestors = (locale: string) => `
  WITH RECURSIVE found AS (
    SELECT department_id, parent_id, name, "order" FROM department
    WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL AND department_id = ANY ($3::bigint[])
    UNION
    SELECT p.department_id, p.parent_id, p.name, p."order"
    FROM ${withParentOf("found")}
  )
  SELECT department_id::text AS id, parent_id::text AS "parentId", name FROM found ORDER BY ${siblingOrder(locale)}`;

/** What was typed is text: `%`, `_` and the escape itself stand for themselves (S26). */
export const literal = (text: string) => text.replaceAll(/[\\%_]/g, "\\$&");

async function find({ client, scope }: Place, text: string, locale: string): Promise<Found> {
  const id = departmentId.safeParse(text).data ?? null;
  const hits = await client.query<{ id: string; total: number }>(HITS, [
    ...scope,
    `%${literal(text)}%`,
    id,
    text,
  ]);
  const hitIds = hits.rows.map((row) => row.id);
  const nodes = await client.query<FoundNode>(withAncestors(locale), [...scope, hitIds]);
  return { outcome: "found", nodes: nodes.rows, hitIds, total: hits.rows[0]?.total ?? 0 };
}

export type SearchOptions = {
  readonly locale: string;
  /** For one statement, in milliseconds. */
  readonly timeoutMs?: number;
};

/**
 * Finds departments whose name contains `text`, whatever its case, or whose id it is, with the path to each.
 *
 * @throws {AppError} `not_found` for an app that isn't the organization's
 */
export async function searchDepartments(
  actor: Actor<"directory.read">,
  appId: string,
  text: string,
  { locale, timeoutMs = SEARCH_MS }: SearchOptions,
): Promise<Result<Found, "too_slow">> {
  try {
    const found = await inDirectory(actor, appId, async (place) => {
      await place.client.query(`SET LOCAL statement_timeout = ${Math.trunc(timeoutMs)}`);
      return find(place, text, locale);
    });
    return ok(found);
  } catch (error) {
    if (isCanceled(error)) return err("too_slow");
    throw error;
  }
}

/** A statement that was ended by its time limit; the unit of work says `unavailable`, and why. */
const isCanceled = (error: unknown): boolean =>
  error instanceof AppError && (error.cause as { code?: unknown } | undefined)?.code === QUERY_CANCELED;
