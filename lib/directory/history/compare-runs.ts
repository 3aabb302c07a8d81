import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { isStatementCanceled } from "@/lib/db/errors";
import { withTimeBudget } from "@/lib/db/time-limits";
import { notFound } from "@/lib/errors";
import { err, ok, type Result } from "@/lib/result";
import type { CHANGED_OBJECTS } from "../changes/change-kinds";
import { type ChangePage, type StoredChange, toShown, withinBytes } from "../changes/list-changes";
import type { ChangesQuery } from "../changes/schema";
import { CHANGES_PER_PAGE } from "../page-sizes";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import { pathsAt } from "../reader/paths";
import { findPastRun, type PastRun } from "../reader/readable-runs";

export type Difference = ChangePage & {
  readonly from: PastRun;
  readonly to: PastRun;
  /** Counts of all differences, without the filters. */
  readonly counts: Readonly<Record<(typeof CHANGED_OBJECTS)[number], number>>;
};

const COMPARE_MS = 10_000;

const WAS_NOT_THERE = `first_kind IN ('added', 'returned', 'restored')`;
const DEPARTMENTS = (side: string) =>
  `(SELECT array_agg(p ->> 'departmentId' ORDER BY p ->> 'departmentId') FROM jsonb_array_elements(${side} -> 'places') p)`;

/**
 * Combines the changes between two revisions: the first `before` and the last `after` of each object, if they differ.
 */
const FOLDED = `
  WITH ends AS MATERIALIZED (
    SELECT c.object, c.object_id AS id,
      (array_agg(c.before ORDER BY s.revision))[1] AS before, (array_agg(c.kind ORDER BY s.revision))[1] AS first_kind,
      (array_agg(c.after ORDER BY s.revision DESC))[1] AS after, (array_agg(c.kind ORDER BY s.revision DESC))[1] AS last_kind,
      (array_agg(c.reason ORDER BY s.revision DESC))[1] AS reason
    FROM change_set s JOIN directory_change c ON c.organization_id = $1 AND c.set_id = s.id
    WHERE s.organization_id = $1 AND s.app_id = $2 AND s.revision > $3 AND s.revision <= $4
      AND c.outcome IS NULL AND c.kind <> 'erased'
    GROUP BY c.object, c.object_id
  ), folded AS (
    SELECT *, CASE
      WHEN ${WAS_NOT_THERE} THEN CASE WHEN last_kind <> 'removed' THEN 'added' END
      WHEN last_kind = 'removed' THEN 'removed'
      WHEN before IS NOT DISTINCT FROM after THEN NULL
      WHEN object = 'department' AND before ->> 'parentId' IS DISTINCT FROM after ->> 'parentId' THEN 'moved'
      WHEN object = 'member' AND ${DEPARTMENTS("before")} IS DISTINCT FROM ${DEPARTMENTS("after")} THEN 'moved'
      WHEN before ->> 'name' IS DISTINCT FROM after ->> 'name' THEN 'renamed'
      ELSE 'changed' END AS kind
    FROM ends
  ), numbered AS MATERIALIZED (
    SELECT object, id, kind, CASE WHEN kind = 'removed' THEN reason END AS reason, before, after,
      (row_number() OVER (ORDER BY object, id))::int AS number
    FROM folded WHERE kind IS NOT NULL
  )`;

const PAGE = `${FOLDED}, page AS (
    SELECT * FROM numbered
    WHERE ($5::"DirectoryObject" IS NULL OR object = $5) AND ($6::text IS NULL OR kind = $6)
      AND ($7::text IS NULL OR position(lower($7) in lower(before ->> 'name')) > 0
        OR position(lower($7) in lower(after ->> 'name')) > 0 OR id = $7)
      AND ($8::int IS NULL OR number > $8) AND ($9::int IS NULL OR number < $9)
    ORDER BY CASE WHEN $9::int IS NULL THEN number ELSE -number END LIMIT ${CHANGES_PER_PAGE + 1}
  )
  SELECT (SELECT count(*) FROM numbered WHERE object = 'department')::int AS department,
    (SELECT count(*) FROM numbered WHERE object = 'member')::int AS member,
    (SELECT coalesce(jsonb_agg(to_jsonb(page) ORDER BY number), '[]') FROM page) AS changes`;

type Row = Readonly<Record<"department" | "member", number>> & {
  readonly changes: readonly Omit<StoredChange, "outcome">[];
};

export type CompareQuery = ChangesQuery & { readonly from: string; readonly to: string };

type ChosenRuns = { readonly from: string | undefined; readonly to: string | undefined };

/** Returns the runs to compare. Unless chosen, they are the newest and the one before it. */
export function chooseRuns(
  [newest, before = newest]: readonly { readonly id: string }[],
  { from, to }: ChosenRuns,
): Pick<CompareQuery, "from" | "to"> {
  return { from: from ?? before?.id ?? "", to: to ?? newest?.id ?? "" };
}

async function requirePastRun(reader: DirectoryReader, runId: string): Promise<PastRun> {
  const run = await findPastRun(reader, runId);
  if (!run) throw notFound("run");
  return run;
}

async function read(reader: DirectoryReader, query: CompareQuery): Promise<Difference> {
  const one = await requirePastRun(reader, query.from);
  const other = await requirePastRun(reader, query.to);
  const [from, to] = one.revision <= other.revision ? [one, other] : [other, one];
  const { object, kind, q, after, before } = query;
  const values = [from.revision, to.revision, object, kind, q, before === undefined ? after : null, before];
  const { rows } = await reader.client.query<Row>(PAGE, [
    ...reader.scope,
    ...values.map((one) => one ?? null),
  ]);
  const { changes: found = [], department = 0, member = 0 } = rows[0] ?? {};
  const isBack = before !== undefined;
  const hasMore = found.length > CHANGES_PER_PAGE;
  const kept = isBack ? found.slice(-CHANGES_PER_PAGE) : found.slice(0, CHANGES_PER_PAGE);
  const shown = await toShown(
    reader,
    kept.map((change) => ({ ...change, outcome: null })),
    (side, ids) => pathsAt(reader, side === "before" ? from.revision : to.revision, ids),
  );
  // Paging back, the page ends at its cursor, so the first changes are the ones to cut.
  const changes = isBack ? withinBytes(shown.toReversed()).toReversed() : withinBytes(shown);
  const isCut = hasMore || changes.length < shown.length;
  const [first, last] = [changes.at(0)?.number ?? null, changes.at(-1)?.number ?? null];
  return {
    from,
    to,
    counts: { department, member },
    changes,
    next: isBack || isCut ? last : null,
    previous: (isBack ? isCut : after !== undefined) ? first : null,
  };
}

/**
 * Returns the differences between the directory after two runs, in either order, as if each object had changed once.
 */
export async function compareRuns(
  actor: Actor<"directory.read">,
  appId: string,
  query: CompareQuery,
): Promise<Result<Difference, "too_slow">> {
  try {
    return await inDirectory(actor, appId, async (reader) => {
      return ok(await read({ ...reader, client: withTimeBudget(reader.client, COMPARE_MS) }, query));
    });
  } catch (error) {
    if (isStatementCanceled(error)) return err("too_slow");
    throw error;
  }
}
