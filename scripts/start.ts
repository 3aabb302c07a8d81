import { existsSync } from "node:fs";
import { ConfigurationError, env } from "@/lib/env";
import { log } from "@/lib/log";
import { buildApp } from "./build-app";
import { localSecrets, setDefaults } from "./local-settings";
import { onStop } from "./on-stop";
import { checkAddresses, ownDatabase, readyDatabase } from "./open-database";
import { serve } from "./serve";

/** `npm start`: the real thing. */
async function start(): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  setDefaults({ NODE_ENV: "production", PORT: "3000" });
  // Only an installation that keeps its own database here makes its own secrets: elsewhere they have to be the
  // same on every machine.
  if (!process.env.DATABASE_URL) {
    setDefaults({ ...localSecrets(), NEXTAUTH_URL: `http://localhost:${process.env.PORT}` });
  }
  const embedded = await ownDatabase();
  try {
    await checkAddresses();
    if ((await buildApp()) !== 0)
      throw new ConfigurationError("The application could not be built; what went wrong stands above.");
    await readyDatabase();
    const { port, stopSteps } = await serve();
    onStop([...stopSteps, async () => embedded?.stop()]);
    log.info("ready", { port, address: env().NEXTAUTH_URL });
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

start().catch((error: unknown) => {
  const isTaken = (error as { code?: string }).code === "EADDRINUSE";
  if (error instanceof ConfigurationError) console.error(error.message);
  else if (isTaken)
    console.error(`PORT ${process.env.PORT} is taken by another program; choose another one.`);
  else console.error(error);
  process.exit(1);
});
