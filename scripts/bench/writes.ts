import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { startSync } from "@/lib/directory/runs/start-run";
import { runSync, type SyncTools } from "@/lib/directory/sync/run-sync";
import { makeApp } from "@/lib/testing/factories";
import { TEST_APP_KEY, TEST_APP_SECRET, toolsFor } from "@/lib/testing/sync-tools";
import { control, startSimulatorProcess } from "../simulator-process";
import type { MeasuredDatabase } from "./measuring/measured-database";
import { durationText, ratioText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";

const DEPARTMENTS = 20_000;
const PAIR = { appKey: TEST_APP_KEY, appSecret: TEST_APP_SECRET };

type SyncTimes = { readonly totalMs: number; readonly afterReadingMs: number; readonly rowsWritten: number };

/** Wraps the tools to record when DingTalk's last answer arrived. */
function withLastAnswer(tools: SyncTools): { tools: SyncTools; readonly lastAnswerAt: () => number } {
  let at = 0;
  const noting =
    <Args extends unknown[], T>(ask: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      const answer = await ask(...args);
      at = performance.now();
      return answer;
    };
  const callsOf: SyncTools["callsOf"] = async (app, onAttempt) => {
    const calls = await tools.callsOf(app, onAttempt);
    const { scopes, listSub, get } = calls;
    return { ...calls, scopes: noting(scopes), listSub: noting(listSub), get: noting(get) };
  };
  return { tools: { ...tools, callsOf }, lastAnswerAt: () => at };
}

async function syncOnce({ admin }: MeasuredDatabase, app: AppRef, url: string): Promise<SyncTimes> {
  const { organizationId, appId } = app;
  const actor = grant({ organizationId, role: "owner", userId: null }, "directory.sync");
  const started = await startSync(actor, appId);
  if (!started.ok) throw new Error("a sync was not started");
  const { tools, lastAnswerAt } = withLastAnswer(toolsFor({ url }));
  const startedAt = performance.now();
  const { runId } = started.value;
  await runSync({ ...app, runId }, new AbortController().signal, tools);
  const endedAt = performance.now();
  const { rows } = await admin.query<{ state: string; written: number }>(
    `SELECT state::text, (added + changed + moved + removed)::int AS written FROM sync_run WHERE id = $1`,
    [runId],
  );
  if (rows[0]?.state !== "succeeded") throw new Error(`a sync ended ${rows[0]?.state}`);
  return {
    totalMs: endedAt - startedAt,
    afterReadingMs: endedAt - lastAnswerAt(),
    rowsWritten: rows[0].written,
  };
}

async function run(database: MeasuredDatabase): Promise<Measured> {
  const simulator = await startSimulatorProcess({ size: String(DEPARTMENTS), seed: "7", ...PAIR });
  try {
    await control(simulator.url, "PATCH limits", { appApiPerSecond: null });
    const app = await makeApp(PAIR);
    const first = await syncOnce(database, app, simulator.url);
    const again = await syncOnce(database, app, simulator.url);
    const row = (name: string, { totalMs, afterReadingMs, rowsWritten }: SyncTimes) => [
      name,
      rowsWritten.toLocaleString("en"),
      durationText(totalMs),
      ratioText(totalMs, first.totalMs),
      durationText(afterReadingMs),
      ratioText(afterReadingMs, first.afterReadingMs),
    ];
    return {
      failures: again.rowsWritten > 0 ? [`an unchanged rerun wrote ${again.rowsWritten} rows`] : [],
      section: {
        title: "Writes",
        about: `A sync of ${DEPARTMENTS.toLocaleString("en")} departments from a simulated DingTalk without limits, followed by an unchanged rerun.`,
        head: ["", "rows written", "whole sync", "ratio", "compare and write", "ratio"],
        rows: [row("first sync", first), row("unchanged rerun", again)],
      },
    };
  } finally {
    await simulator.stop();
  }
}

/** Measures a sync that finds no changes beside the first sync. */
export const writes: Part = { name: "writes", run };
