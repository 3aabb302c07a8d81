import { existsSync } from "node:fs";
import { writeRecordedCalls } from "@/lib/calls/record-call";
import { closeDatabase } from "@/lib/db/connection-pools";
import { closeNotifications } from "@/lib/db/notifications";
import { ConfigurationError, env } from "@/lib/env";
import { joinLiveProcesses } from "@/lib/key-rotation/live-processes";
import { log } from "@/lib/log";
import { closeUpstream } from "@/lib/upstream/dingtalk-connections";
import { startBackground } from "@/lib/worker/background";
import { chooseDatabase } from "./choose-database";
import { localSecrets, setDefaults } from "./local-settings";
import { logConsole } from "./log-console";
import { readyDatabase } from "./ready-database";
import type { Step } from "./shutdown";
import { runService } from "./shutdown";

/**
 * Connects to the embedded database of a running server, unless DATABASE_URL is set. A worker never runs that database
 * itself.
 *
 * @throws {ConfigurationError} when no server runs
 */
async function joinDatabase(): Promise<void> {
  if (process.env.DATABASE_URL) return;
  // The worker serves no pages, so any valid address is fine.
  setDefaults({ ...localSecrets(), NEXTAUTH_URL: "http://localhost" });
  const embedded = await chooseDatabase();
  if (!embedded || embedded.adopted) return;
  await embedded.stop();
  throw new ConfigurationError(
    "No server is running here. Start the server first, or set DATABASE_URL to its database.",
  );
}

/** `npm run worker`: runs background jobs in a separate process, beside one or more servers. */
async function work(running: Step[]): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  setDefaults({ NODE_ENV: "production" });
  await joinDatabase();
  env();
  await readyDatabase();
  logConsole();
  const { process: live, leave } = await joinLiveProcesses();
  const worker = await startBackground(live.id);
  running.push(
    () => worker.stop(),
    writeRecordedCalls,
    leave,
    closeNotifications,
    closeUpstream,
    closeDatabase,
  );
  log.info("working");
}

runService(work);
