import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { testEnvironment } from "@/lib/testing/environment";
import { startEmbeddedPostgres } from "./embedded-postgres";
import { DATA_FOLDER } from "./local-settings";
import { onStop } from "./on-stop";
import { readyDatabase } from "./open-database";
import { serve } from "./serve";
import { startSimulatorProcess } from "./simulator-process";

const HOST = "127.0.0.1";
const DATABASE = "e2e_test";
/** What the tests connect; e2e/support/fixtures.ts says the same. */
const SIMULATED = {
  size: "small",
  seed: "7",
  appKey: "ding0e2e0app0key",
  appSecret: "e2e-app-secret-which-is-marked-a1b2",
};

/** The built product as `npm start` runs it, on an empty database of its own: what Playwright drives. */
async function main(): Promise<void> {
  const port = process.env.E2E_PORT ?? "3199";
  const postgres = await startEmbeddedPostgres(join(DATA_FOLDER, "e2e"), {
    fsync: "off",
    synchronous_commit: "off",
  });
  const admin = new pg.Client({ connectionString: postgres.adminUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${DATABASE} OWNER dingkeep_owner`);
  await admin.end();
  const inDatabase = (url: string) => Object.assign(new URL(url), { pathname: `/${DATABASE}` }).href;
  const simulator = await startSimulatorProcess(SIMULATED);
  // Where the tests find the simulator, to make it fail.
  writeFileSync(join(".build", "e2e-run.json"), JSON.stringify({ simulatorUrl: simulator.url }));
  Object.assign(process.env, testEnvironment(), {
    DINGTALK_OAPI_URL: simulator.url,
    DINGTALK_API_URL: simulator.url,
    // The simulator throttles at 20 as DingTalk does; its limit is lifted below, for the tests' patience.
    DINGTALK_QPS: "2000",
    NODE_ENV: "production",
    PORT: port,
    NEXTAUTH_URL: `http://${HOST}:${port}`,
    DATABASE_URL: inDatabase(postgres.appUrl),
    MIGRATION_DATABASE_URL: inDatabase(postgres.ownerUrl),
    LOG_LEVEL: "warn",
    // Every browser of the suite comes from this address; each names one of its own, as behind a proxy.
    TRUSTED_PROXIES: HOST,
  });
  const lifted = await fetch(`${simulator.url}/_control/limits`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ appApiPerSecond: Number(process.env.DINGTALK_QPS) }),
  });
  if (!lifted.ok) throw new Error(`The simulator kept its limit: ${await lifted.text()}`);
  await readyDatabase();
  const { stopSteps } = await serve({ host: HOST });
  onStop([...stopSteps, () => simulator.stop(), () => postgres.stop()]);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
