import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";
import { E2E_APP, E2E_OUTPUT_FILE, E2E_RUN_FILE, type E2eRun } from "@/lib/testing/e2e-run";
import { testEnvironment } from "@/lib/testing/environment";
import { DATA_FOLDER } from "@/server/local-settings";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/server/postgres/embedded-postgres";
import { readyDatabase } from "@/server/ready-database";
import { serve } from "@/server/serve";
import { onStop } from "@/server/shutdown";
import { control, type SimulatorProcess, startSimulatorProcess } from "../simulator-process";

const HOST = "127.0.0.1";
const DATABASE = "e2e_test";
const OUTPUT_SHOWN = 4_000;

/** Creates an empty database on a separate PostgreSQL. */
async function emptyDatabase(): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres(join(DATA_FOLDER, "e2e"), {
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
  });
  const admin = new pg.Client({ connectionString: postgres.adminUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${DATABASE} OWNER dingkeep_owner`);
  await admin.end();
  return postgres;
}

const inDatabase = (url: string) => Object.assign(new URL(url), { pathname: `/${DATABASE}` }).href;

function configure(postgres: EmbeddedPostgres, simulator: SimulatorProcess, port: string): void {
  Object.assign(process.env, testEnvironment(), {
    WEBHOOK_ALLOW_PRIVATE: "1",
    DINGTALK_OAPI_URL: simulator.url,
    DINGTALK_API_URL: simulator.url,
    // The simulator's limit of 20 is raised below too, so that tests are fast.
    DINGTALK_QPS: "2000",
    DINGTALK_IP_BUDGET: "100000",
    NODE_ENV: "production",
    PORT: port,
    NEXTAUTH_URL: `http://${HOST}:${port}`,
    DATABASE_URL: inDatabase(postgres.appUrl),
    MIGRATION_DATABASE_URL: inDatabase(postgres.ownerUrl),
    // Writes as much as possible to the log, which the tests search for secrets afterwards.
    LOG_LEVEL: "debug",
    // Tests connect from this address, and each names a client address of its own, as behind a proxy.
    TRUSTED_PROXIES: HOST,
  });
}

/** Starts the built product as `npm start` does, with a simulator, for Playwright. */
async function serveTests(): Promise<void> {
  const postgres = await emptyDatabase();
  const simulator = await startSimulatorProcess({ size: "small", seed: "7", ...E2E_APP });
  configure(postgres, simulator, process.env.E2E_PORT ?? "3199");
  const run: E2eRun = {
    simulatorUrl: simulator.url,
    adminUrl: inDatabase(postgres.adminUrl),
    sessionSecret: process.env.NEXTAUTH_SECRET ?? "",
    postgresLog: join(postgres.home.data, "server.log"),
  };
  writeFileSync(E2E_RUN_FILE, JSON.stringify(run), { mode: 0o600 });
  await control(simulator.url, "PATCH limits", { appApiPerSecond: Number(process.env.DINGTALK_QPS) });
  await readyDatabase();
  const { stopSteps } = await serve({ host: HOST });
  onStop([...stopSteps, () => simulator.stop(), () => postgres.stop()]);
}

/**
 * Runs this program again with its output, and that of its child processes, in a file, which also captures output that
 * bypasses the logger. A signal reaches both processes at once, and this one waits for the server.
 */
async function keepOutput(program: string): Promise<number> {
  mkdirSync(dirname(E2E_OUTPUT_FILE), { recursive: true });
  const file = openSync(E2E_OUTPUT_FILE, "w");
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => {});
  const server = spawn(process.execPath, [program, "serve"], {
    stdio: ["ignore", file, file],
  });
  const code = await new Promise<number>((resolve) => server.once("exit", (status) => resolve(status ?? 1)));
  if (code !== 0) console.error(readFileSync(E2E_OUTPUT_FILE, "utf8").slice(-OUTPUT_SHOWN));
  return code;
}

async function main([, program = "", mode]: string[]): Promise<void> {
  if (mode === "serve") await serveTests();
  else process.exit(await keepOutput(program));
}

main(process.argv).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
