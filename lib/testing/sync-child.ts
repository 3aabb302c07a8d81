import { setTimeout as sleep } from "node:timers/promises";
import type { RunRef } from "@/lib/app-ref";
import { syncJob } from "@/lib/directory/sync/job-handler";
import { runSync } from "@/lib/directory/sync/run-sync";
import { startWorker } from "@/lib/jobs/worker";
import { toolsFor } from "./sync-tools";

// A child process that tests kill. `sync-child.mjs '{"job":…,"url":…}'` runs one job like the queue;
// `sync-child.mjs '{}'` runs a worker.

const { job, url } = JSON.parse(process.argv[2] ?? "{}") as { job?: RunRef; url?: string };

if (job && url) {
  const tools = toolsFor({ url }, { dingtalk: { timeoutMs: 60_000 } });
  await runSync(job, new AbortController().signal, tools);
  process.exit(0);
}
await startWorker({ sync: { handle: syncJob, concurrency: 2 } });
await sleep(10 * 60_000);
