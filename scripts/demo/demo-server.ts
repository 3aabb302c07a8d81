import type { Step } from "@/server/on-stop";
import { readyDatabase } from "@/server/open-database";
import { runService } from "@/server/run-service";
import { serve } from "@/server/serve";

/** One of several servers of the demo. It ends in good order when whoever started it is gone. */
async function serveDemo(running: Step[]): Promise<void> {
  const end = () => process.kill(process.pid, "SIGTERM");
  process.on("disconnect", end);
  if (!process.connected) end();
  await readyDatabase();
  const { stopSteps } = await serve({ host: "127.0.0.1" });
  running.push(...stopSteps);
  process.send?.("ready");
}

runService(serveDemo);
