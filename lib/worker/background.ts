import "server-only";
import { startStreams } from "@/lib/events/stream/supervisor";
import { type RunningWorker, startWorker } from "@/lib/jobs/worker";
import { allHandlers } from "./handlers";

/** Runs jobs and keeps Stream connections. @param processId the row of this process in `live_process` */
export async function startBackground(processId: string): Promise<RunningWorker> {
  const worker = await startWorker(allHandlers());
  const streams = startStreams({ processId });
  return {
    async stop() {
      await Promise.all([streams.stop(), worker.stop()]);
    },
  };
}
