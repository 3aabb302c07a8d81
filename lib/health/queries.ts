import "server-only";
import { isDatabaseAlive } from "@/lib/db/clients";

/** What this process needs to do its work, each by name with whether it is there now. */
export async function readChecks(): Promise<Readonly<Record<"database", boolean>>> {
  return { database: await isDatabaseAlive() };
}
