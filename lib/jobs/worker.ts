import "server-only";
import type { Job, PgBoss } from "pg-boss";
import { probeAppJob } from "@/lib/app-health/probe-app-job";
import { eraseAppJob } from "@/lib/dingtalk-apps/erase-app";
import { expireRunsJob } from "@/lib/directory/runs/held-runs";
import { syncDueJob } from "@/lib/directory/runs/schedule";
import { turnLimits } from "@/lib/directory/runs/turns";
import { indexDirectoryJob } from "@/lib/directory/search/index-directory";
import { syncJob } from "@/lib/directory/sync/job-handler";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { renewTokenJob } from "@/lib/tokens/renewal/renew-token-job";
import { housekeepingJob } from "@/lib/worker/housekeeping";
import { sweepJob } from "@/lib/worker/sweep";
import { makeWorkingBoss } from "./boss";
import type { JobHandler } from "./handler";
import { JobFailure } from "./job-failure";
import { type JobData, QUEUES, type QueueName } from "./queues";
import { sendJob } from "./send-job";

export type RunningWorker = {
  /** Takes no new job, lets those that run end for up to 12 s, and gives the others to somebody else. */
  stop(): Promise<void>;
};

type Work<Name extends QueueName> = {
  readonly handle: JobHandler<Name>;
  /** How many jobs this process does at once, each by a taker of its own. */
  readonly concurrency: number;
  /** How often this process looks for a job whose time has come: NOTIFY comes only with jobs that may begin at once. */
  readonly lookSeconds?: number;
  /** How many jobs of one group run at once, in all processes together; no limit by default. */
  readonly groupConcurrency?: number;
};
type WorkOfAll = { readonly [Name in QueueName]: Work<Name> };

/** How long a taker that nobody wakes waits: pg-boss wants a number. */
const UNWOKEN_SECONDS = 10 * 60;
/** Heartbeats are missed after 10 s: three may get lost. */
const HEARTBEAT_SECONDS = 3;
/** The process has 20 s in all, and connections to end after the jobs. */
const STOP_MS_MAX = 12_000;
const START_ATTEMPTS = 5;
const SWEEP_SECONDS = 60;
const HOUSEKEEPING_SECONDS = 60;

/** Who does the work of each queue. An idle worker looks for jobs about three times a second in all. */
const workOfAll = (): WorkOfAll => ({
  housekeeping: { handle: housekeepingJob, concurrency: 1, lookSeconds: 10 },
  sweep: { handle: sweepJob, concurrency: 1, lookSeconds: 10 },
  "token.renew": { handle: renewTokenJob, concurrency: 10 },
  "app.probe": { handle: probeAppJob, concurrency: 5, lookSeconds: 5 },
  "sync.due": { handle: syncDueJob, concurrency: 2, lookSeconds: 2 },
  "run.expire": { handle: expireRunsJob, concurrency: 1, lookSeconds: 30 },
  "search.index": { handle: indexDirectoryJob, concurrency: 1, lookSeconds: 10 },
  "app.erase": { handle: eraseAppJob, concurrency: 1, lookSeconds: 10 },
  sync: {
    handle: syncJob,
    concurrency: env().SYNC_CONCURRENCY,
    groupConcurrency: turnLimits(env().SYNC_CONCURRENCY).perOrganization,
  },
});

/** One job at a time; what it returns is not stored, and of what it throws only words of ours. */
function toWorkHandler<Name extends QueueName>(queue: Name, handle: JobHandler<Name>) {
  return async ([job]: Job<object>[]): Promise<void> => {
    if (!job) return;
    const { id, signal, retryCount } = job;
    const tries = retryCount + 1;
    try {
      await handle(QUEUES[queue].data.parse(job.data) as JobData<Name>, { id, tries, signal });
    } catch (error) {
      log.error("a job failed", { queue, job: id, tries, error });
      throw new JobFailure(error);
    }
  };
}

/**
 * Has a queue's jobs taken. Takers are woken one after another, so that looking costs the same for any number of them. One
 * that finds a job wakes the next, and looks again once the job is done: jobs that become due together are all taken at
 * once.
 *
 * @returns what ends the looking
 */
async function take<Name extends QueueName>(
  boss: PgBoss,
  queue: Name,
  { handle, concurrency, groupConcurrency, lookSeconds = 1 }: Work<Name>,
): Promise<() => void> {
  const options = {
    ...(groupConcurrency !== undefined && { groupConcurrency }),
    pollingIntervalSeconds: UNWOKEN_SECONDS,
    notifyPollingIntervalSeconds: UNWOKEN_SECONDS,
    heartbeatRefreshSeconds: HEARTBEAT_SECONDS,
  };
  const work = toWorkHandler(queue, handle);
  const takers: string[] = [];
  const wake = (index: number) => {
    const taker = takers[index % concurrency];
    if (taker !== undefined) boss.notifyWorker(taker);
  };
  for (let index = 0; index < concurrency; index += 1) {
    const taker = await boss.work(queue, options, async (jobs: Job<object>[]) => {
      wake(index + 1);
      try {
        await work(jobs);
      } finally {
        wake(index);
      }
    });
    takers.push(taker);
  }
  let next = 0;
  const timer = setInterval(() => wake(next++), lookSeconds * 1_000);
  return () => clearInterval(timer);
}

/** Sends what comes again and again: at most one in its time, however many workers there are. */
function keepSending(queue: "sweep" | "housekeeping", everySeconds: number): () => void {
  const send = () =>
    sendJob(queue, {}, { everySeconds }).catch((error: unknown) =>
      log.warn("a regular job was not sent", { queue, error }),
    );
  void send();
  const timer = setInterval(() => void send(), everySeconds * 1_000);
  return () => clearInterval(timer);
}

/**
 * Works off jobs until it is stopped. Several workers may run, in the server or as processes of their own.
 *
 * @param work who does what, for tests
 */
export async function startWorker(work: Partial<WorkOfAll> = workOfAll()): Promise<RunningWorker> {
  const { boss, close } = makeWorkingBoss();
  await boss.start({ attempts: START_ATTEMPTS });
  const timers: (() => void)[] = [];
  for (const queue of Object.keys(QUEUES) as QueueName[]) {
    const chosen = work[queue];
    if (chosen) timers.push(await take<QueueName>(boss, queue, chosen));
  }
  if (work.sweep) timers.push(keepSending("sweep", SWEEP_SECONDS));
  if (work.housekeeping) timers.push(keepSending("housekeeping", HOUSEKEEPING_SECONDS));
  const stop = async () => {
    for (const end of timers) end();
    await boss.stop({ graceful: true, timeout: STOP_MS_MAX });
    await close();
  };
  let stopped: Promise<void> | undefined;
  return { stop: () => (stopped ??= stop()) };
}
