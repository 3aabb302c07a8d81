import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { startSync } from "@/lib/directory/runs/start-run";
import { makeApp } from "@/lib/testing/factories";
import type { MeasuredDatabase } from "../bench/measuring/measured-database";
import { type Program, startProgram } from "../bench/measuring/program";
import { durationText, median } from "../bench/measuring/report";
import type { Measured } from "../bench/measuring/run-parts";
import { until } from "../bench/measuring/timing";
import { control, startSimulatorProcess } from "../simulator-process";
import { listRuns, rowVersions, simulatedTree, storedTree } from "./directory-state";
import { type Place, STAGES, type Stage } from "./stages";

const KILLS = 20;
const DEPARTMENTS = 600;
const CHANGES = 40;
const TAKEOVER_MS_MAX = 30_000;
const SYNC_MS_MAX = 120_000;
const CORP = "corp-of-soak-kills";
const PAIR = { appKey: "dingsoakkills0000000", appSecret: "secret-of-soak-kills" };
/** Larger than all generated ids, so that these rows are written last. */
const LAST_ID = 9_000_000_000;

type Kill = { readonly stage: Stage; readonly takeoverMs: number; readonly failures: readonly string[] };

const startWorker = (url: string): Promise<Program> =>
  startProgram("worker", '"working"', {
    DINGTALK_OAPI_URL: url,
    DINGTALK_API_URL: url,
    DINGTALK_QPS: "5000",
    LOG_LEVEL: "info",
  });

/** Changes the directory in several places, so that a partly written tree would show. */
async function changeDirectory(url: string, seed: number): Promise<void> {
  await control(url, `POST organizations/${CORP}/churn`, { count: CHANGES, seed });
  const added = { op: "add_department", parentId: 1, id: LAST_ID + seed, name: `第 ${seed} 次` };
  await control(url, `POST organizations/${CORP}/changes`, { changes: [added] });
}

async function queueSync({ organizationId, appId }: AppRef): Promise<string> {
  const actor = grant({ organizationId, role: "owner", userId: null }, "directory.sync");
  const started = await startSync(actor, appId);
  if (!started.ok) throw new Error("a sync was not started");
  return started.value.runId;
}

type Soak = {
  readonly database: MeasuredDatabase;
  readonly url: string;
  readonly app: AppRef;
};

/**
 * Kills the worker of a sync at one stage, while another worker is running.
 *
 * @returns observations of the kill
 */
async function killOnce(
  { database, url, app }: Soak,
  { worker, stage, number }: { readonly worker: Program; readonly stage: Stage; readonly number: number },
): Promise<{ spare: Program; kill: Kill }> {
  await changeDirectory(url, number);
  const before = await rowVersions(database, app);
  // Slow until the spare worker has started, so that it is not the one that begins the sync.
  await control(url, "POST faults", { path: "topapi/*", fault: { kind: "latency", latencyMs: 200 } });
  const runId = await queueSync(app);
  const lost = () => listRuns(database, app).then((runs) => runs.find(({ id }) => id === runId));
  await until("the sync's begin", async () => (await lost())?.state === "running", SYNC_MS_MAX);
  const spare = await startWorker(url);

  const place: Place = {
    admin: database.admin,
    url,
    app,
    lastId: LAST_ID + number,
    departments: DEPARTMENTS,
  };
  const hold = await STAGES[stage](place);
  await worker.end("SIGKILL");
  const killedAt = Date.now();
  await hold.release();
  const failures: string[] = [];
  if ((await rowVersions(database, app)) !== before) failures.push("the old tree was touched");

  const next = await until(
    "the takeover's end",
    async () =>
      (await listRuns(database, app)).find((run) => run.resumesRunId === runId && run.finishedAt !== null),
    SYNC_MS_MAX,
  );
  const interrupted = await lost();
  if (interrupted?.state !== "interrupted" || interrupted.reason !== "worker_lost")
    failures.push(`the lost run is ${interrupted?.state}, ${interrupted?.reason}`);
  if (next.state !== "succeeded" || next.trigger !== "takeover")
    failures.push(`the replacement run is ${next.state}, ${next.trigger}`);
  if ((await storedTree(database, app)) !== (await simulatedTree(url, CORP)))
    failures.push("the tree differs from DingTalk's");
  const takeoverMs = (next.startedAt?.getTime() ?? Number.POSITIVE_INFINITY) - killedAt;
  if (takeoverMs > TAKEOVER_MS_MAX) failures.push(`taken over after ${durationText(takeoverMs)}`);
  return { spare, kill: { stage, takeoverMs, failures } };
}

async function killAgainAndAgain(soak: Soak): Promise<Kill[]> {
  const stages = Object.keys(STAGES) as Stage[];
  let worker = await startWorker(soak.url);
  const kills: Kill[] = [];
  try {
    const first = await queueSync(soak.app);
    const isThere = async () =>
      (await listRuns(soak.database, soak.app)).some(
        ({ id, state }) => id === first && state === "succeeded",
      );
    await until("the first sync", isThere, SYNC_MS_MAX);
    for (let number = 0; number < KILLS; number += 1) {
      const stage = stages[number % stages.length] as Stage;
      const { spare, kill } = await killOnce(soak, { worker, stage, number });
      worker = spare;
      kills.push(kill);
      console.log(
        `${number + 1}/${KILLS} ${stage}: taken over after ${durationText(kill.takeoverMs)} ${kill.failures.join("; ")}`,
      );
    }
  } finally {
    await worker.end("SIGTERM");
  }
  return kills;
}

/** Kills workers during syncs, twenty times. */
export async function soakKills(database: MeasuredDatabase): Promise<Measured> {
  const simulator = await startSimulatorProcess({ size: "small", seed: "1", ...PAIR });
  const { url } = simulator;
  try {
    await control(url, "PATCH limits", { appApiPerSecond: null });
    await control(url, "POST organizations", { corpId: CORP, size: DEPARTMENTS, seed: 7 });
    await control(url, "POST apps", { ...PAIR, corpId: CORP });
    const kills = await killAgainAndAgain({ database, url, app: await makeApp(PAIR) });
    const rows = (Object.keys(STAGES) as Stage[]).map((stage) => {
      const those = kills.filter((kill) => kill.stage === stage);
      const times = those.map(({ takeoverMs }) => takeoverMs);
      const well = those.filter(({ failures }) => failures.length === 0).length;
      return [
        stage,
        String(those.length),
        String(well),
        durationText(median(times)),
        durationText(Math.max(...times)),
      ];
    });
    return {
      failures: kills.flatMap(({ stage, failures }) => failures.map((failure) => `${stage}: ${failure}`)),
      section: {
        title: "Kills",
        about:
          `A worker process is killed (kill -9) during a sync of ${DEPARTMENTS} departments that changes ${CHANGES + 1}, while another one is ` +
          "running. *As expected*: the rows of the tree are untouched, the run is marked as interrupted, the replacement run names it and " +
          "completes, and the tree then equals DingTalk's.",
        head: ["killed while it", "kills", "as expected", "taken over after (median)", "(longest)"],
        rows,
        notes: [`A dead worker's job must be taken over within ${TAKEOVER_MS_MAX / 1_000} s.`],
      },
    };
  } finally {
    await simulator.stop();
  }
}
