import { choosePort } from "@/server/choose-port";
import { localSecrets, setDefaults } from "@/server/local-settings";
import type { Step } from "@/server/on-stop";
import { ownDatabase, readyDatabase } from "@/server/open-database";
import { runService } from "@/server/run-service";
import { serve } from "@/server/serve";

/** `npm run dev`: the server with Next's development build behind it, on the embedded database. */
async function dev(running: Step[]): Promise<void> {
  setDefaults({ ...localSecrets(), NODE_ENV: "development", SIGN_UP: "open" });
  await ownDatabase(running);
  await choosePort("localhost");
  await readyDatabase();
  const { stopSteps } = await serve({ isDevelopment: true });
  running.unshift(...stopSteps);
  console.log(`Ready at ${process.env.NEXTAUTH_URL}`);
}

runService(dev);
