import "server-only";
import { eraseAppJob } from "@/lib/dingtalk-apps/erase-app";
import { probeAppJob } from "@/lib/dingtalk-apps/retry-now";
import { expireRunsJob } from "@/lib/directory/runs/held-runs";
import { syncDueJob } from "@/lib/directory/runs/schedule";
import { turnLimits } from "@/lib/directory/runs/turns";
import { indexDirectoryJob } from "@/lib/directory/search/index-directory";
import { syncJob } from "@/lib/directory/sync/job-handler";
import { env } from "@/lib/env";
import { processEventsJob } from "@/lib/events/process/process-job";
import { outageJob } from "@/lib/events/recover/outage-job";
import { reconcileJob } from "@/lib/events/recover/reconcile-job";
import { recoverFailedJob } from "@/lib/events/recover/recover-job";
import type { Work } from "@/lib/jobs/worker";
import { renewTokenJob } from "@/lib/tokens/renewal/renewal-job";
import { deliverWebhookJob } from "@/lib/webhooks/delivery/deliver-job";
import { housekeepingJob, JOB_SECONDS, sweepJob } from "./housekeeping";

/** Returns the handler of every queue. An idle worker polls about four times a second in all. */
export const allHandlers = (): Work => ({
  housekeeping: { handle: housekeepingJob, concurrency: 1, pollSeconds: 10, everySeconds: JOB_SECONDS },
  sweep: { handle: sweepJob, concurrency: 1, pollSeconds: 10, everySeconds: JOB_SECONDS },
  "token.renew": { handle: renewTokenJob, concurrency: 10 },
  "app.probe": { handle: probeAppJob, concurrency: 5, pollSeconds: 5 },
  "sync.due": { handle: syncDueJob, concurrency: 2, pollSeconds: 2 },
  "event.process": { handle: processEventsJob, concurrency: 10 },
  "event.recover": { handle: recoverFailedJob, concurrency: 2, pollSeconds: 10 },
  "event.reconcile": { handle: reconcileJob, concurrency: 2, pollSeconds: 10 },
  "event.outage": { handle: outageJob, concurrency: 1, pollSeconds: 10 },
  "run.expire": { handle: expireRunsJob, concurrency: 1, pollSeconds: 30 },
  "search.index": { handle: indexDirectoryJob, concurrency: 1, pollSeconds: 10 },
  // Most takers wait for receivers. An organization gets three of them, so a slow endpoint leaves the others to others.
  "webhook.deliver": { handle: deliverWebhookJob, concurrency: 50, groupConcurrency: 3, pollSeconds: 2 },
  "app.erase": { handle: eraseAppJob, concurrency: 1, pollSeconds: 10 },
  sync: {
    handle: syncJob,
    concurrency: env().SYNC_CONCURRENCY,
    groupConcurrency: turnLimits(env().SYNC_CONCURRENCY).perOrganization,
  },
});
