import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import { encodeFeedCursor, type FeedPosition } from "./feed-cursor";
import { type PublicChange, type StoredChange, storedColumns, toPublicChange } from "./public-change";

export type AppliedChange = PublicChange & {
  readonly revision: number;
  readonly appliedAt: Date;
  readonly setId: string;
  readonly cause: string;
};

export type FeedPage = {
  readonly changes: readonly AppliedChange[];
  /** The cursor of the next page, also for later changes; `null` before the first change. */
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
};

export type FeedQuery = { readonly after?: FeedPosition | undefined; readonly limit: number };

/**
 * Revisions are assigned under the directory's lock, so a reader who sees one has seen all earlier ones. The lateral
 * join reads set by set: the planner may otherwise sort half a million changes.
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

/** @throws {AppError} `cursor_expired` when changes after the position may have been deleted */
async function assertKept(
  { client, scope }: DirectoryReader,
  { appId, revision }: FeedPosition,
): Promise<void> {
  if (appId !== scope[1])
    throw new AppError("invalid_input", "the cursor belongs to another app", { detail: "after" });
  const { rowCount } = await client.query(
    `SELECT FROM change_set WHERE organization_id = $1 AND app_id = $2 AND revision = $3`,
    [...scope, revision],
  );
  if (rowCount === 0)
    throw new AppError("cursor_expired", "changes after the cursor are older than the history period");
}

type Row = StoredChange & Pick<AppliedChange, "revision" | "appliedAt" | "setId" | "cause">;

/**
 * Returns a page of the applied changes after a position, in commit order.
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
    const changes = rows.slice(0, limit).map(toPublicChange);
    const last = changes.at(-1) ?? after;
    return {
      changes,
      nextCursor: last ? encodeFeedCursor({ appId, revision: last.revision, number: last.number }) : null,
      hasMore: rows.length > limit,
    };
  });
}
