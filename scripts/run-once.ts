import { existsSync } from "node:fs";
import { closeDatabase } from "@/lib/db/clients";
import { env } from "@/lib/env";
import { explainFailure } from "@/server/explain-failure";
import { localSecrets, setDefaults } from "@/server/local-settings";
import { chooseDatabase, readyDatabase } from "@/server/open-database";

/**
 * A command that does one thing and ends: reads `.env`, and a failure is its sentence and a code of 1.
 */
export function runOnce(main: () => Promise<void>): void {
  if (existsSync(".env")) process.loadEnvFile(".env");
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      const said = explainFailure(error);
      console.error(said instanceof Error ? said.message : said);
      process.exit(1);
    },
  );
}

/** Runs a command on the configured database, or on the embedded one, beside a server that may run on it. */
export async function onDatabase(work: () => Promise<void>): Promise<void> {
  if (!process.env.DATABASE_URL) setDefaults({ ...localSecrets(), NEXTAUTH_URL: "http://localhost" });
  const embedded = await chooseDatabase();
  try {
    env();
    await readyDatabase();
    await work();
  } finally {
    await closeDatabase();
    // A server that runs on the same embedded database goes on.
    if (embedded && !embedded.adopted) await embedded.stop();
  }
}
