import "server-only";
import type { Job, PgBoss } from "pg-boss";
import { log } from "@/lib/log";
import { makeWorkerBoss } from "./boss";
import { JobFailure } from "./job-failure";
import { type JobData, type JobHandler, QUEUES, type QueueName } from "./queues";
import { sendJob } from "./send-job";

export type RunningWorker = {
  /** Takes no new jobs, gives running ones up to 12 s, and leaves the rest to other workers. */
  stop(): Promise<void>;
};

type QueueWork<Name extends QueueName> = {
  readonly handle: JobHandler<Name>;
  readonly concurrency: number;
  /** Interval at which all workers together send one job. Only for jobs without a cause. */
  readonly everySeconds?: number;
  /** Poll interval for jobs that become due: NOTIFY announces only jobs that may start at once. Default 1. */
  readonly pollSeconds?: number;
  /** Jobs of one group that run at once in all processes together. No limit by default. */
  readonly groupConcurrency?: number;
};

export type Work = { readonly [Name in QueueName]: QueueWork<Name> };

/** pg-boss's own poll interval, which it requires. `takeJobs` wakes its takers much earlier. */
const IDLE_POLL_SECONDS = 10 * 60;
/** Three heartbeats may get lost before the 10 s of `QUEUE_OPTIONS` end. */
const HEARTBEAT_SECONDS = 3;
/** The process has 20 s to stop, and closes its connections after the jobs. */
const STOP_MS_MAX = 12_000;
const START_ATTEMPTS = 5;

/** Adapts a handler to pg-boss, and replaces its errors by ones without tenant data. */
function toWorkHandler<Name extends QueueName>(queue: Name, handle: JobHandler<Name>) {
  return async ([job]: Job<object>[]): Promise<void> => {
    if (!job) return;
    const { id, signal, retryCount } = job;
    const tries = retryCount + 1;
    try {
      await handle(QUEUES[queue].data.parse(job.data) as JobData<Name>, { id, tries, signal });
    } catch (error) {
      log.error("job failed", { queue, job: id, tries, error });
      throw new JobFailure(error);
    }
  };
}

/**
 * Runs a queue's jobs with `concurrency` takers. A taker that finds a job wakes the next one, so that polling costs
 * the same for any number of takers.
 * @returns a function that ends the polling
 */
async function takeJobs<Name extends QueueName>(
  boss: PgBoss,
  queue: Name,
  { handle, concurrency, groupConcurrency, pollSeconds = 1 }: QueueWork<Name>,
): Promise<() => void> {
  const options = {
    ...(groupConcurrency !== undefined && { groupConcurrency }),
    pollingIntervalSeconds: IDLE_POLL_SECONDS,
    notifyPollingIntervalSeconds: IDLE_POLL_SECONDS,
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
  const timer = setInterval(() => wake(next++), pollSeconds * 1_000);
  return () => clearInterval(timer);
}

/** Sends a job at an interval. All workers together send at most one per interval. */
function sendRegularly(queue: "sweep" | "housekeeping", everySeconds: number): () => void {
  const send = () =>
    sendJob(queue, {}, { everySeconds }).catch((error: unknown) =>
      log.warn("regular job not sent", { queue, error }),
    );
  void send();
  const timer = setInterval(() => void send(), everySeconds * 1_000);
  return () => clearInterval(timer);
}

/** Runs jobs until it is stopped. Any number of workers may run. @param work the queues that this worker serves */
export async function startWorker(work: Partial<Work>): Promise<RunningWorker> {
  const { boss, close } = makeWorkerBoss();
  await boss.start({ attempts: START_ATTEMPTS });
  const timers: (() => void)[] = [];
  for (const queue of Object.keys(QUEUES) as QueueName[]) {
    const chosen = work[queue];
    if (chosen) timers.push(await takeJobs<QueueName>(boss, queue, chosen));
  }
  for (const queue of ["sweep", "housekeeping"] as const) {
    const everySeconds = work[queue]?.everySeconds;
    if (everySeconds !== undefined) timers.push(sendRegularly(queue, everySeconds));
  }
  const stop = async () => {
    for (const end of timers) end();
    await boss.stop({ graceful: true, timeout: STOP_MS_MAX });
    await close();
  };
  let stopped: Promise<void> | undefined;
  return { stop: () => (stopped ??= stop()) };
}
