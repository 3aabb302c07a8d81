import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { inDirectory } from "../reader/directory-reader";
import type { ChangedObject, ChangeKind, ChangeOutcome } from "./change-kinds";
import { type PublicChange, type StoredChange, storedColumns, toPublicChange } from "./public-change";

export type PlanQuery = {
  readonly object?: ChangedObject | undefined;
  readonly kind?: ChangeKind | undefined;
  /** A part of the name before or after the change, or the whole id. */
  readonly q?: string | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
};

export type PlanCount = {
  readonly object: ChangedObject;
  readonly kind: ChangeKind;
  readonly outcome: ChangeOutcome | null;
  readonly count: number;
};

export type PlanPage = {
  readonly changes: readonly PublicChange[];
  /** Counts of the whole plan, without the filters. Only with the first page. */
  readonly counts: readonly PlanCount[] | null;
  readonly next: number | null;
};

const COUNTS = `
  SELECT object::text AS object, kind, outcome, count(*)::int AS count FROM directory_change
  WHERE organization_id = $1 AND set_id = $2 GROUP BY object, kind, outcome ORDER BY object, kind, outcome`;

function pageSql({ object, kind, q, after, limit }: PlanQuery) {
  const values: unknown[] = [];
  const add = (value: unknown) => `$${values.push(value) + 2}`;
  const conditions = [`c.number > ${add(after ?? 0)}`];
  if (object !== undefined) conditions.push(`c.object = ${add(object)}::"DirectoryObject"`);
  if (kind !== undefined) conditions.push(`c.kind = ${add(kind)}`);
  if (q !== undefined) {
    const text = add(q);
    // Compared as plain text, so that no character is a wildcard (S26)
    const named = ["after", "before"].map(
      (side) => `position(lower(${text}) IN lower(c.${side} ->> 'name')) > 0`,
    );
    conditions.push(`(c.object_id = ${text} OR ${named.join(" OR ")})`);
  }
  const sql = `SELECT ${storedColumns("c")} FROM directory_change c
    WHERE c.organization_id = $1 AND c.set_id = $2 AND ${conditions.join(" AND ")}
    ORDER BY c.number LIMIT ${add(limit + 1)}`;
  return { sql, values };
}

/** Returns a page of a run's stored plan, filtered. The plan of a run without changes is empty. */
export function readPlan(
  actor: Actor<"directory.read">,
  { appId, runId }: { readonly appId: string; readonly runId: string },
  query: PlanQuery,
): Promise<PlanPage> {
  if (!isUuid(runId)) throw notFound("run");
  return inDirectory(actor, appId, async ({ client, scope }) => {
    const run = await client.query(
      `SELECT FROM sync_run WHERE organization_id = $1 AND app_id = $2 AND id = $3`,
      [...scope, runId],
    );
    if (run.rowCount === 0) throw notFound("run");
    const set = [scope[0], runId];
    const { sql, values } = pageSql(query);
    const { rows } = await client.query<StoredChange>(sql, [...set, ...values]);
    const counts = query.after === undefined ? (await client.query<PlanCount>(COUNTS, set)).rows : null;
    const changes = rows.slice(0, query.limit).map(toPublicChange);
    return { changes, counts, next: rows.length > query.limit ? (changes.at(-1)?.number ?? null) : null };
  });
}
