import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { nextCursor } from "@/lib/pagination/cursor";
import { type StoredChange, toShown } from "../changes/list-changes";
import { HISTORY_PER_PAGE } from "../page-sizes";
import type { DirectoryReader } from "../reader/directory-reader";
import { pathsAt } from "../reader/paths";
import { inDirectoryAt } from "../reader/readable-runs";
import type { HistoryEntry, HistoryPage, HistoryQuery } from "./schema";

export const HISTORY = `
  SELECT c.number, c.object::text AS object, c.object_id AS id, c.kind, c.reason, c.outcome, c.before, c.after, s.revision,
    s.applied_at AS "appliedAt", s.made_by AS "madeBy", r.id AS "runId", r.number AS "runNumber"
  FROM directory_change c
  JOIN change_set s ON s.organization_id = $1 AND s.id = c.set_id AND s.revision IS NOT NULL
  LEFT JOIN sync_run r ON r.organization_id = $1 AND r.id = s.id
  WHERE c.organization_id = $1 AND c.app_id = $2 AND c.object = $3::"DirectoryObject" AND c.object_id = $4
    AND c.outcome IS NULL AND s.revision < $5
  ORDER BY s.revision DESC LIMIT ${HISTORY_PER_PAGE + 1}`;

const REVISION_MAX = 2 ** 31 - 1;

type Row = StoredChange & {
  readonly revision: number;
  readonly appliedAt: Date;
  readonly madeBy: string | null;
  readonly runId: string | null;
  readonly runNumber: number | null;
};

async function toEntry(reader: DirectoryReader, row: Row): Promise<HistoryEntry> {
  const { revision, appliedAt, madeBy, runId, runNumber } = row;
  const [change] = await toShown(reader, [row], (side, ids) =>
    pathsAt(reader, side === "before" ? revision - 1 : revision, ids),
  );
  if (!change) throw new Error("a change was not shown");
  return { ...change, revision, appliedAt: appliedAt.toISOString(), madeBy, runId, runNumber };
}

/** Returns the applied changes of an object, newest first, with their runs. Empty for an unknown id. */
export function listHistory(
  actor: Actor<"directory.read">,
  appId: string,
  { object, id, at, after }: HistoryQuery,
): Promise<HistoryPage> {
  return inDirectoryAt(actor, appId, at, async (reader) => {
    const until = after ?? (reader.at === undefined ? REVISION_MAX : reader.at + 1);
    const { rows } = await reader.client.query<Row>(HISTORY, [...reader.scope, object, id, until]);
    const entries: HistoryEntry[] = [];
    for (const row of rows.slice(0, HISTORY_PER_PAGE)) entries.push(await toEntry(reader, row));
    return {
      entries,
      older: nextCursor(rows.length > HISTORY_PER_PAGE ? (entries.at(-1)?.revision ?? null) : null),
    };
  });
}
