import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { readSettings } from "../settings/directory-settings";
import { type DirectoryReader, inDirectory } from "./directory-reader";

export type PastRun = {
  readonly id: string;
  readonly number: number;
  readonly revision: number;
  readonly finishedAt: Date;
};

/** Selects the runs that produced a revision within the history period. `$3` is that period in days. */
export const READABLE_RUNS = `
  SELECT id, number, revision, finished_at AS "finishedAt" FROM sync_run
  WHERE organization_id = $1 AND app_id = $2 AND state = 'succeeded' AND revision IS NOT NULL
    AND finished_at > now() - make_interval(days => $3)`;

export async function historyDays({
  client,
  scope: [organizationId, appId],
}: DirectoryReader): Promise<number> {
  return (await readSettings(client, { organizationId, appId })).historyDays;
}

/** Returns `null` for another app's run, a run without a revision and a run older than the history period. */
export async function findPastRun(reader: DirectoryReader, runId: string): Promise<PastRun | null> {
  if (!isUuid(runId)) return null;
  const { rows } = await reader.client.query<PastRun>(`${READABLE_RUNS} AND id = $4`, [
    ...reader.scope,
    await historyDays(reader),
    runId,
  ]);
  return rows[0] ?? null;
}

/** Runs `work` on an app's directory as it was after a run. @param runId the present directory when `undefined` */
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
