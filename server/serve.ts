import { writeUses } from "@/lib/api-keys/last-use";
import { observeGateway } from "@/lib/calls/gateway-calls";
import { writeRecordedCalls } from "@/lib/calls/record-call";
import { closeDatabase } from "@/lib/db/connection-pools";
import { closeNotifications } from "@/lib/db/notifications";
import { env } from "@/lib/env";
import { startUptime } from "@/lib/events/recover/uptime";
import { endStreams } from "@/lib/http/event-stream";
import { joinLiveProcesses } from "@/lib/key-rotation/live-processes";
import { stopWaiting } from "@/lib/stop-waiting";
import { writeReads } from "@/lib/tokens/history/read-counts";
import { closeUpstream } from "@/lib/upstream/dingtalk-connections";
import { startBackground } from "@/lib/worker/background";
import { startServer } from "./front/front-server";
import { logConsole, logPrintedBy } from "./log-console";

export type Serving = {
  readonly port: number;
  /** In order: refuse new work, end streams, finish running calls and jobs, close connections. */
  readonly stopSteps: readonly (() => Promise<unknown>)[];
};

/** Starts the server, and a worker in the same process unless WORKER=off. The database must be ready. */
export async function serve(options: Parameters<typeof startServer>[0] = {}): Promise<Serving> {
  logConsole();
  // Comes before any value is sealed, because the other live processes decide which key may seal.
  const { process: live, leave } = await joinLiveProcesses();
  observeGateway();
  const worker = env().WORKER === "inline" ? await startBackground(live.id) : null;
  const server = await logPrintedBy(() => startServer(options));
  const endUptime = startUptime();
  const endWork = async () => {
    const closed = server.close();
    endStreams();
    stopWaiting();
    await Promise.all([closed, worker?.stop()]);
  };
  return {
    port: server.port,
    stopSteps: [
      endUptime,
      endWork,
      writeUses,
      writeReads,
      writeRecordedCalls,
      leave,
      closeNotifications,
      closeUpstream,
      closeDatabase,
    ],
  };
}
