import { choosePort } from "./choose-port";
import { localSecrets, setDefaults } from "./local-settings";
import type { Step } from "./on-stop";
import { ownDatabase, readyDatabase } from "./open-database";
import { runService } from "./run-service";
import { serve } from "./serve";

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
