import { ownDatabase } from "@/server/choose-database";
import { localSecrets, setDefaults } from "@/server/local-settings";
import { choosePort } from "@/server/ports";
import { readyDatabase } from "@/server/ready-database";
import { serve } from "@/server/serve";
import type { Step } from "@/server/shutdown";
import { runService } from "@/server/shutdown";

/** `npm run dev`: starts the server with Next's development build, on the embedded database. */
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
