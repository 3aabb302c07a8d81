import { readyDatabase } from "@/server/ready-database";
import { serve } from "@/server/serve";
import type { Step } from "@/server/shutdown";
import { runService } from "@/server/shutdown";

/** One of several servers of the demo. Stops in order when its parent process has ended. */
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
