import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import { type FeedPosition, toCursor } from "./feed-cursor";
import { type StoredChange, storedColumns, type ToldChange, toTold } from "./told-change";

/** A change that was applied. */
export type AppliedChange = ToldChange & {
  readonly revision: number;
  readonly appliedAt: Date;
  /** The run, or what else made it, with its cause. */
  readonly setId: string;
  readonly cause: string;
};

export type FeedPage = {
  readonly changes: readonly AppliedChange[];
  /** Where the next page begins, or later ones will; `null` while nothing was ever changed. */
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
};

export type FeedQuery = { readonly after?: FeedPosition | undefined; readonly limit: number };

/**
 * Revisions are given out under the directory's lock, which is held to the commit: one that is seen has all before it
 * seen too, so nothing is ever added behind a reader's back. One statement, so that all of a page is seen at once.
 *
 * Set by set in their order, and each set's changes in theirs, whatever the planner thinks of a first sync's half a million.
 */
const PAGE = `
  SELECT s.revision, s.applied_at AS "appliedAt", s.id AS "setId", s.cause, c.*
  FROM (
    SELECT id, revision, applied_at, cause FROM change_set
    WHERE organization_id = $1 AND app_id = $2 AND revision >= $3 ORDER BY revision) s
  CROSS JOIN LATERAL (
    SELECT ${storedColumns("d")} FROM directory_change d
    WHERE d.organization_id = $1 AND d.set_id = s.id AND d.outcome IS NULL
      AND d.number > CASE WHEN s.revision = $3 THEN $4::int ELSE 0 END
    ORDER BY d.number LIMIT $5) c
  ORDER BY s.revision, c.number LIMIT $5`;

/** @throws {AppError} `cursor_expired` when what followed the position may be gone already */
async function assertKept(
  { client, scope }: DirectoryReader,
  { appId, revision }: FeedPosition,
): Promise<void> {
  if (appId !== scope[1]) throw new AppError("invalid_input", "a cursor of another app", { detail: "after" });
  const { rowCount } = await client.query(
    `SELECT FROM change_set WHERE organization_id = $1 AND app_id = $2 AND revision = $3`,
    [...scope, revision],
  );
  if (rowCount === 0)
    throw new AppError("cursor_expired", "the changes behind a cursor are not kept any more");
}

type Row = StoredChange & Pick<AppliedChange, "revision" | "appliedAt" | "setId" | "cause">;

/**
 * Every change that was applied to an app's directory, in the order in which they were committed, from any point on.
 *
 * @throws {AppError} `not_found`; `invalid_input` for another app's cursor; `cursor_expired`
 */
export function readFeed(
  actor: Actor<"directory.read">,
  appId: string,
  { after, limit }: FeedQuery,
): Promise<FeedPage> {
  return inDirectory(actor, appId, async (reader) => {
    if (after) await assertKept(reader, after);
    const from = [after?.revision ?? 0, after?.number ?? 0];
    const { rows } = await reader.client.query<Row>(PAGE, [...reader.scope, ...from, limit + 1]);
    const changes = rows.slice(0, limit).map(toTold);
    const last = changes.at(-1) ?? after;
    return {
      changes,
      nextCursor: last ? toCursor({ appId, revision: last.revision, number: last.number }) : null,
      hasMore: rows.length > limit,
    };
  });
}
