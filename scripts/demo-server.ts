import { onStop } from "./on-stop";
import { readyDatabase } from "./open-database";
import { serve } from "./serve";

/** One of several servers of the demo. It ends in good order when whoever started it is gone. */
async function main(): Promise<void> {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  await readyDatabase();
  const { stopSteps } = await serve({ host: "127.0.0.1" });
  onStop(stopSteps);
  process.send?.("ready");
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
