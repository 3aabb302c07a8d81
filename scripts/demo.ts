import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { hashPassword } from "@/lib/auth/password";
import { addUserWithOrganization } from "@/lib/auth/sign-up";
import { closeDatabase } from "@/lib/db/clients";
import { buildApp, isBuilt } from "./build-app";
import { demoKey, linesToTry } from "./demo-key";
import { startDemoServers } from "./demo-servers";
import { freePort } from "./free-port";
import { keptValue, localSecrets, setDefaults } from "./local-settings";
import { onStop } from "./on-stop";
import { ownDatabase, readyDatabase } from "./open-database";
import { serve } from "./serve";
import { startSimulatorProcess } from "./simulator-process";

const PORT_WANTED = 3000;
const HOST = "127.0.0.1";
/** Each may open 26 connections, and the embedded PostgreSQL takes 200. */
const SERVERS_MAX = 6;
const SIMULATED = { size: "company", seed: "7" } as const;

/** What the demo prints is made once, so that what was entered at the last start still works. */
const demoAccount = () =>
  keptValue("demo.json", () => ({
    email: "admin@demo.example",
    password: randomBytes(12).toString("base64url"),
    appKey: `ding${randomBytes(8).toString("hex")}`,
    appSecret: randomBytes(32).toString("base64url"),
  }));

async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  process.stdout.write(`${what} … `);
  const value = await work();
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  return value;
}

/** How many servers `--servers N` asks for. @throws {Error} with a sentence for whoever typed it */
function serversWanted(): number {
  const { values } = parseArgs({ options: { servers: { type: "string", default: "1" } } });
  const wanted = Number(values.servers);
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= SERVERS_MAX) return wanted;
  throw new Error(
    `--servers is a number from 1 to ${SERVERS_MAX}; npm run demo -- --servers 3 starts three.`,
  );
}

type Running = { readonly stopSteps: readonly (() => Promise<unknown>)[]; readonly notes: readonly string[] };

/** The server in this process, or several of their own behind the demo's address. */
async function startServing(count: number, port: number): Promise<Running> {
  if (count === 1) return { ...(await serve({ host: HOST })), notes: [] };
  const servers = await startDemoServers(count, port, (sentence) => console.log(sentence));
  const notes = [
    `\n${count} servers take turns behind this address: processes ${servers.processes.join(", ")}.`,
    `kill -9 ${servers.processes[0]} ends one; the others go on, and it is started anew.`,
  ];
  return { stopSteps: [() => servers.stop(), closeDatabase], notes };
}

/** `npm run demo`: everything from nothing, on this machine only. */
async function demo(): Promise<void> {
  const startedAt = performance.now();
  const servers = serversWanted();
  const account = demoAccount();
  const wanted = Number(process.env.PORT) || PORT_WANTED;
  const port = await freePort(wanted, HOST);
  setDefaults({ ...localSecrets(), NODE_ENV: "production", SIGN_UP: "open", LOG_LEVEL: "warn" });
  Object.assign(process.env, { PORT: String(port), NEXTAUTH_URL: `http://${HOST}:${port}` });

  // Ctrl-C in the middle of a start ends what has been started by then, the last first.
  const running: (() => Promise<unknown>)[] = [];
  onStop(running);
  const embedded = await step("Starting PostgreSQL", () => ownDatabase());
  if (embedded) running.unshift(() => embedded.stop());
  // Only now: until here it may have been this folder's own demo that has the port.
  if (port !== wanted) console.log(`Port ${wanted} is taken by another program; using ${port} instead.`);
  const usesSimulator = !process.env.DINGTALK_OAPI_URL || !process.env.DINGTALK_API_URL;
  const simulator = usesSimulator
    ? await step("Starting the DingTalk simulator", () => startSimulatorProcess({ ...SIMULATED, ...account }))
    : null;
  if (simulator) {
    running.unshift(() => simulator.stop());
    Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
  }
  let key = "";
  let notes: readonly string[] = [];
  try {
    await step("Migrating the database", readyDatabase);
    if (!isBuilt()) {
      const code = await step("Building the application (about half a minute)", () => buildApp("ignore"));
      if (code !== 0) throw new Error("The application could not be built.");
    }
    await addUserWithOrganization({
      email: account.email,
      organization: "演示集团 Demo Group",
      passwordHash: await hashPassword(account.password, "demo"),
    });
    key = await demoKey(account.email);
    const what = servers === 1 ? "Starting the server" : `Starting ${servers} servers`;
    const serving = await step(what, () => startServing(servers, port));
    running.unshift(...serving.stopSteps);
    notes = serving.notes;
  } catch (error) {
    for (const stop of running) await stop();
    throw error;
  }
  console.log(`Ready after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s.\n`);
  console.log(`Address: ${process.env.NEXTAUTH_URL}`);
  console.log(`Account: ${account.email}`);
  console.log(`Password: ${account.password}`);
  if (simulator) {
    console.log(`AppKey: ${account.appKey}`);
    console.log(`AppSecret: ${account.appSecret}`);
  }
  console.log(`API key: ${key}`);
  console.log("\nTo try, once an app is connected, with export DINGKEEP_KEY=… (the API key above):");
  for (const line of linesToTry(process.env.NEXTAUTH_URL ?? "")) console.log(`  ${line}`);
  for (const note of notes) console.log(note);
  console.log("\nCtrl-C stops all of it; what you entered is still there at the next start.");
}

demo().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
