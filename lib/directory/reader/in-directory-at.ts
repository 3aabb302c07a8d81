import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { readSettings } from "../settings/directory-settings";
import { type DirectoryReader, inDirectory } from "./directory-reader";

/** A sync whose directory can be seen again. */
export type PastRun = {
  readonly id: string;
  readonly number: number;
  readonly revision: number;
  readonly finishedAt: Date;
};

/** Runs that left a directory behind, as long as the past is kept; `$3`: in days. */
export const SEEN_AGAIN = `
  SELECT id, number, revision, finished_at AS "finishedAt" FROM sync_run
  WHERE organization_id = $1 AND app_id = $2 AND state = 'succeeded' AND revision IS NOT NULL
    AND finished_at > now() - make_interval(days => $3)`;

/** How long an app's past is kept. */
export async function historyDays({
  client,
  scope: [organizationId, appId],
}: DirectoryReader): Promise<number> {
  return (await readSettings(client, { organizationId, appId })).historyDays;
}

/** `null` for a run that isn't the app's, that left nothing behind, or that is too long ago. */
export async function findPastRun(reader: DirectoryReader, runId: string): Promise<PastRun | null> {
  if (!isUuid(runId)) return null;
  const { rows } = await reader.client.query<PastRun>(`${SEEN_AGAIN} AND id = $4`, [
    ...reader.scope,
    await historyDays(reader),
    runId,
  ]);
  return rows[0] ?? null;
}

/**
 * Runs `work` on one app's directory as it was after a run.
 *
 * @param runId none: the directory as it is
 * @throws {AppError} `not_found`, for a run whose directory can't be seen again too; as `inDirectory`
 */
export function inDirectoryAt<T>(
  actor: Actor<"directory.read">,
  appId: string,
  runId: string | undefined,
  work: (reader: DirectoryReader, run: PastRun | null) => Promise<T>,
): Promise<T> {
  return inDirectory(actor, appId, async (reader) => {
    if (runId === undefined) return work(reader, null);
    const run = await findPastRun(reader, runId);
    if (!run) throw notFound("run");
    return work({ ...reader, at: run.revision }, run);
  });
}
