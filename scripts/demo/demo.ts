import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import type { Caller } from "@/lib/auth/actor";
import { hashPassword } from "@/lib/auth/password-hash";
import { closeDatabase } from "@/lib/db/connection-pools";
import { ConfigurationError } from "@/lib/env";
import { addUserWithOrganization } from "@/lib/organizations/create-organization";
import { buildApp, isBuilt } from "@/server/build-app";
import { ownDatabase } from "@/server/choose-database";
import { localSecrets, readOrCreate, setDefaults } from "@/server/local-settings";
import { choosePort, nextFreePort } from "@/server/ports";
import { readyDatabase } from "@/server/ready-database";
import { serve } from "@/server/serve";
import type { Step } from "@/server/shutdown";
import { runService } from "@/server/shutdown";
import { control, startSimulatorProcess } from "../simulator-process";
import { demoKey, linesToTry } from "./api-key";
import {
  connectDemoApp,
  connectReceiver,
  findOwner,
  receiverSecrets,
  waitForDirectory,
} from "./demo-organization";
import { startDemoServers } from "./supervise-servers";
import { startWebhookReceiver } from "./webhook-receiver";

const HOST = "127.0.0.1";
/** Each server opens at most 28 connections, and all together 10 more for syncs. The embedded PostgreSQL allows 200. */
const SERVERS_MAX = 6;
const SIMULATED = { size: "company", seed: "7", churnMinutes: 3 } as const;
const SIMULATOR_PORT_WANTED = 3100;
const RECEIVER_PORT_WANTED = 3200;
/** With DingTalk's limit of 20, a sync of the demo's organization would take minutes. */
const SIMULATED_CALLS_PER_SECOND = 200;

/** Created once, so that a browser's saved login still works at the next start. */
const demoAccount = () =>
  readOrCreate("demo.json", () => ({
    email: "admin@demo.example",
    password: randomBytes(12).toString("base64url"),
    appKey: `ding${randomBytes(8).toString("hex")}`,
    appSecret: randomBytes(32).toString("base64url"),
  }));

/** AppKey of a second app with the same secret, to try out the form that connects apps. */
const anotherAppKey = ({ appKey }: { readonly appKey: string }): string => `${appKey}2`;

async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  process.stdout.write(`${what} … `);
  const value = await work();
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  return value;
}

/**
 * Reads the number of servers from `--servers N`.
 *
 * @throws {ConfigurationError} when it is out of range
 */
function serversWanted(): number {
  const { values } = parseArgs({ options: { servers: { type: "string", default: "1" } } });
  const wanted = Number(values.servers);
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= SERVERS_MAX) return wanted;
  throw new ConfigurationError(
    `--servers must be a number from 1 to ${SERVERS_MAX}. Example: npm run demo -- --servers 3`,
  );
}

type Serving = { readonly stopSteps: readonly Step[]; readonly notes: readonly string[] };

/** Starts one server in this process, or several processes behind one address. */
async function startServing(count: number, port: number): Promise<Serving> {
  if (count === 1) return { ...(await serve({ host: HOST })), notes: [] };
  const servers = await startDemoServers({ count, port, say: (sentence) => console.log(sentence) });
  const notes = [
    `\n${count} servers take turns behind this address: processes ${servers.processes.join(", ")}.`,
    `kill -9 ${servers.processes[0]} ends one. The others continue, and it is restarted.`,
  ];
  return { stopSteps: [() => servers.stop(), closeDatabase], notes };
}

/** Starts the simulated DingTalk, unless DingTalk's hosts are configured. */
async function simulate(running: Step[], account: ReturnType<typeof demoAccount>) {
  if (process.env.DINGTALK_OAPI_URL && process.env.DINGTALK_API_URL) return null;
  setDefaults({ DINGTALK_QPS: String(SIMULATED_CALLS_PER_SECOND) });
  const port = await nextFreePort(SIMULATOR_PORT_WANTED, HOST);
  const callsPerSecond = SIMULATED_CALLS_PER_SECOND;
  const otherAppKeys = [anotherAppKey(account)];
  const starting = startSimulatorProcess({ ...SIMULATED, ...account, otherAppKeys, port, callsPerSecond });
  running.unshift(async () => (await starting.catch(() => null))?.stop());
  const simulator = await starting;
  await control(simulator.url, `PUT apps/${account.appKey}/stream-subscription`, {});
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
  return simulator;
}

/**
 * Starts the receiver of the organization's webhooks, which are sent after the first sync: its changes would be
 * thousands of webhooks.
 */
async function receiveWebhooks(running: Step[], owner: Caller) {
  const port = await nextFreePort(RECEIVER_PORT_WANTED, HOST);
  const receiver = await startWebhookReceiver({ host: HOST, port, secrets: () => receiverSecrets(owner) });
  running.unshift(() => receiver.close());
  void waitForDirectory(owner)
    .then(() => connectReceiver(owner, receiver.url))
    .catch((error: unknown) => console.error("The demo's webhook could not be added.", error));
  return receiver;
}

/** `npm run demo`: starts everything from nothing, for this machine only. */
async function demo(running: Step[]): Promise<void> {
  const startedAt = performance.now();
  const servers = serversWanted();
  const account = demoAccount();
  setDefaults({ ...localSecrets(), NODE_ENV: "production", SIGN_UP: "open", LOG_LEVEL: "warn" });
  // The webhook receiver listens on this machine.
  setDefaults({ WEBHOOK_ALLOW_PRIVATE: "1" });

  await step("Starting PostgreSQL", () => ownDatabase(running));
  // The demo serves this machine only, so an address configured for another command does not apply.
  delete process.env.NEXTAUTH_URL;
  await choosePort(HOST, HOST);
  const simulator = await step("Starting the DingTalk simulator", () => simulate(running, account));
  await step("Migrating the database", readyDatabase);
  if (!isBuilt()) {
    const code = await step("Building the application (about half a minute)", () => buildApp("ignore"));
    if (code !== 0) throw new ConfigurationError("The application could not be built.");
  }
  await addUserWithOrganization({
    email: account.email,
    organization: "演示集团 Demo Group",
    passwordHash: await hashPassword(account.password, ["demo"]),
  });
  const owner = await findOwner(account.email);
  const key = await demoKey(owner.organizationId);
  const what = servers === 1 ? "Starting the server" : `Starting ${servers} servers`;
  const { stopSteps, notes } = await step(what, () => startServing(servers, Number(process.env.PORT)));
  running.unshift(...stopSteps);
  if (simulator)
    await step("Connecting the app of the simulated DingTalk", () => connectDemoApp(owner, account));
  const receiver = await receiveWebhooks(running, owner);
  console.log(`Ready after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s.\n`);
  console.log(`Address: ${process.env.NEXTAUTH_URL}`);
  console.log(`Account: ${account.email}`);
  console.log(`Password: ${account.password}`);
  if (simulator) {
    console.log(`Simulator: ${simulator.url}/_control (rename or remove departments, throttle, ban, reset)`);
    console.log(`Another app to connect: AppKey ${anotherAppKey(account)}, AppSecret ${account.appSecret}`);
  }
  console.log(`Webhooks: ${receiver.url} (a receiver that verifies and shows them)`);
  console.log(`API key: ${key}`);
  console.log("\nExample calls for a connected app, with DINGKEEP_KEY set to the API key above:");
  const app = simulator ? account.appKey : "APP_KEY";
  for (const line of linesToTry(process.env.NEXTAUTH_URL ?? "", app)) console.log(`  ${line}`);
  for (const note of notes) console.log(note);
  console.log("\nCtrl-C stops everything. Your data is kept for the next start.");
}

runService(demo);
