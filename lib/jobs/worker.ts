import "server-only";
import type { Job, PgBoss } from "pg-boss";
import { eraseAppJob, sweepErased } from "@/lib/dingtalk-apps/erase-app";
import { indexDirectoryJob } from "@/lib/directory/search/index-directory";
import { sweepSearch } from "@/lib/directory/search/sweep-search";
import { sweepSyncs } from "@/lib/directory/sync/sweep-syncs";
import { syncJob } from "@/lib/directory/sync/sync-job-handler";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { probeAppJob } from "@/lib/tokens/probe-app-job";
import { renewTokenJob } from "@/lib/tokens/renew-token-job";
import { sweepProbes } from "@/lib/tokens/sweep-probes";
import { sweepRenewals } from "@/lib/tokens/sweep-renewals";
import { makeWorkingBoss } from "./boss";
import type { JobHandler } from "./handler";
import { housekeepingJob } from "./housekeeping";
import { JobFailure } from "./job-failure";
import { type JobData, QUEUES, type QueueName } from "./queues";
import { sendJob } from "./send-job";
import { walkOrganizations } from "./walk-organizations";

export type RunningWorker = {
  /** Takes no new job, lets those that run end for up to 12 s, and gives the others to somebody else. */
  stop(): Promise<void>;
};

type Work<Name extends QueueName> = { readonly handle: JobHandler<Name>; readonly concurrency: number };
type WorkOfAll = { readonly [Name in QueueName]: Work<Name> };

/** A job that waits for its time is noticed by looking: NOTIFY comes only with jobs that may begin at once. */
const LOOK_SECONDS = 1;
/** Heartbeats are missed after 10 s: three may get lost. */
const HEARTBEAT_SECONDS = 3;
/** The process has 20 s in all, and connections to end after the jobs. */
const STOP_MS_MAX = 12_000;
const START_ATTEMPTS = 5;
const SWEEP_SECONDS = 60;
const HOUSEKEEPING_SECONDS = 60 * 60;

/** What each feature puts back of its jobs that were lost, an organization at a time. */
const SWEEPS: readonly ((organizationId: string) => Promise<unknown>)[] = [
  sweepRenewals,
  sweepProbes,
  sweepSyncs,
  sweepSearch,
  sweepErased,
];

/** Who does the work of each queue, and how much of it at once. */
const workOfAll = (): WorkOfAll => ({
  housekeeping: { handle: housekeepingJob, concurrency: 1 },
  sweep: { handle: sweep, concurrency: 1 },
  "token.renew": { handle: renewTokenJob, concurrency: 5 },
  "app.probe": { handle: probeAppJob, concurrency: 5 },
  "search.index": { handle: indexDirectoryJob, concurrency: 1 },
  "app.erase": { handle: eraseAppJob, concurrency: 1 },
  sync: { handle: syncJob, concurrency: env().SYNC_CONCURRENCY },
});

async function sweep(_data: JobData<"sweep">, { signal }: { readonly signal: AbortSignal }): Promise<void> {
  await walkOrganizations(async (organizationId) => {
    for (const putBack of SWEEPS) await putBack(organizationId);
  }, signal);
}

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

async function take<Name extends QueueName>(
  boss: PgBoss,
  queue: Name,
  { handle, concurrency }: Work<Name>,
): Promise<void> {
  const options = {
    localConcurrency: concurrency,
    pollingIntervalSeconds: LOOK_SECONDS,
    notifyPollingIntervalSeconds: LOOK_SECONDS,
    heartbeatRefreshSeconds: HEARTBEAT_SECONDS,
  };
  await boss.work(queue, options, toWorkHandler(queue, handle));
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
  for (const queue of Object.keys(QUEUES) as QueueName[]) {
    const chosen = work[queue];
    if (chosen) await take<QueueName>(boss, queue, chosen);
  }
  const senders = [
    work.sweep && keepSending("sweep", SWEEP_SECONDS),
    work.housekeeping && keepSending("housekeeping", HOUSEKEEPING_SECONDS),
  ];
  const stop = async () => {
    for (const stopSending of senders) stopSending?.();
    await boss.stop({ graceful: true, timeout: STOP_MS_MAX });
    await close();
  };
  let stopped: Promise<void> | undefined;
  return { stop: () => (stopped ??= stop()) };
}
