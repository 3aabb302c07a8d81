import { existsSync } from "node:fs";
import { explainFailure } from "@/server/explain-failure";

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
