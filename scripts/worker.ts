import { existsSync } from "node:fs";
import { closeDatabase } from "@/lib/db/clients";
import { closeNotifications } from "@/lib/db/notifications";
import { ConfigurationError, env } from "@/lib/env";
import { startWorker } from "@/lib/jobs/worker";
import { log } from "@/lib/log";
import { closeUpstream } from "@/lib/upstream/our-dingtalk";
import { setDefaults } from "./local-settings";
import { onStop } from "./on-stop";
import { readyDatabase } from "./open-database";

/** `npm run worker`: works off background jobs in a process of its own, beside a server or several. */
async function main(): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  setDefaults({ NODE_ENV: "production" });
  if (!process.env.DATABASE_URL) {
    throw new ConfigurationError(
      "DATABASE_URL is missing: a worker of its own shares the server's database; without one, the server works off its jobs itself.",
    );
  }
  env();
  await readyDatabase();
  const worker = await startWorker();
  onStop([() => worker.stop(), closeNotifications, closeDatabase, closeUpstream]);
  log.info("working");
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exit(1);
});
