import { existsSync } from "node:fs";
import { closeDatabase } from "@/lib/db/connection-pools";
import { env } from "@/lib/env";
import { chooseDatabase } from "@/server/choose-database";
import { explainFailure } from "@/server/explain-failure";
import { localSecrets, setDefaults } from "@/server/local-settings";
import { readyDatabase } from "@/server/ready-database";

/** Runs a command that needs no signal to end. Reads `.env`; a failure is printed as one sentence with exit code 1. */
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

/** Runs work on the configured database, or on the embedded one, which a server may be using. */
export async function onDatabase(work: () => Promise<void>): Promise<void> {
  if (!process.env.DATABASE_URL) setDefaults({ ...localSecrets(), NEXTAUTH_URL: "http://localhost" });
  const embedded = await chooseDatabase();
  try {
    env();
    await readyDatabase();
    await work();
  } finally {
    await closeDatabase();
    // A running server still needs its embedded database.
    if (embedded && !embedded.adopted) await embedded.stop();
  }
}
