import { existsSync } from "node:fs";
import { ConfigurationError, env } from "@/lib/env";
import { log } from "@/lib/log";
import { isSignUpOpen } from "@/lib/organizations/sign-up-policy";
import { buildApp } from "./build-app";
import { ownDatabase } from "./choose-database";
import { checkAddresses } from "./database-addresses";
import { localSecrets, setDefaults } from "./local-settings";
import { choosePort } from "./ports";
import { readyDatabase } from "./ready-database";
import { serve } from "./serve";
import type { Step } from "./shutdown";
import { runService } from "./shutdown";

/** Prints the address for a person at a terminal. The log has the same for machines. */
async function greet(): Promise<void> {
  const { NEXTAUTH_URL } = env();
  console.log(`Dingkeep is ready at ${NEXTAUTH_URL}`);
  console.log(
    (await isSignUpOpen())
      ? `Create the first account at ${new URL("/sign-up", NEXTAUTH_URL).href}`
      : "To add an account: npm run user -- create EMAIL ORGANIZATION",
  );
  console.log("Ctrl-C stops Dingkeep.");
}

/** `npm start`: the production server. */
async function start(running: Step[]): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  setDefaults({ NODE_ENV: "production" });
  // Only an installation with the embedded database creates its own secrets and finds a free port. With DATABASE_URL
  // there may be several machines, which need the same values.
  const isLocal = !process.env.DATABASE_URL;
  if (isLocal) setDefaults(localSecrets());
  else setDefaults({ PORT: "3000" });
  await ownDatabase(running);
  if (isLocal) await choosePort("localhost");
  await checkAddresses();
  if ((await buildApp()) !== 0)
    throw new ConfigurationError("The application could not be built. See the output above.");
  await readyDatabase();
  const { port, stopSteps } = await serve();
  running.unshift(...stopSteps);
  log.info("ready", { port, address: env().NEXTAUTH_URL });
  if (process.stdout.isTTY) await greet();
}

runService(start);
