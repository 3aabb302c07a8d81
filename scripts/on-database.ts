import { closeDatabase } from "@/lib/db/clients";
import { env } from "@/lib/env";
import { localSecrets, setDefaults } from "@/server/local-settings";
import { chooseDatabase, readyDatabase } from "@/server/open-database";

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
