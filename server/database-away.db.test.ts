import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { findKey } from "@/lib/api-keys/authenticate-key";
import { createKey } from "@/lib/api-keys/create-key";
import { createKeyInput } from "@/lib/api-keys/schema";
import { grant } from "@/lib/auth/actor";
import { closeNotifications, isListening, type Notice, notify, subscribe } from "@/lib/db/notifications";
import { asUserSql, inOrganization } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { gatewayOn, makeGatewayApp, makeGatewayKey } from "@/lib/gateway/test-support/gateway-world";
import { readChecks } from "@/lib/health/readiness";
import type { JobHandler } from "@/lib/jobs/queues";
import { sendJob } from "@/lib/jobs/send-job";
import { type RunningWorker, startWorker } from "@/lib/jobs/worker";
import { readMetrics } from "@/lib/metrics/queries";
import { countConnections } from "@/lib/testing/connections";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { readLease } from "@/lib/tokens/lease/read-lease";
import { staleness } from "@/lib/tokens/lease/serve-stale-token";
import { makeTokenService } from "@/lib/tokens/renewal/token-service";
import { makeTestDingtalk, tokenReader } from "@/lib/tokens/test-support/test-dingtalk";
import { makeClusterFolder } from "@/scripts/ci/test-clusters";
import { startSimulator } from "@/simulator/start-simulator";
import { type RunningServer, startServer } from "./front/front-server";
import { migrateDatabase } from "./migrate-database";
import { freePort } from "./ports";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./postgres/embedded-postgres";

// Next needs a build, and the database is checked before Next.
vi.mock("next", () => ({
  default: () => ({
    prepare: async () => {},
    getRequestHandler: () => async (_: IncomingMessage, response: ServerResponse) =>
      response.end("from Next"),
  }),
}));
afterAll(() => vi.doUnmock("next"));

/** Separate from the database of the other test files. */
let postgres: EmbeddedPostgres;
let folder: string;
let worker: RunningWorker;
let server: RunningServer;
const worked = vi.fn<JobHandler<"housekeeping">>(async () => {});

beforeAll(async () => {
  folder = makeClusterFolder();
  postgres = await startEmbeddedPostgres(folder, { fsync: "off" });
  const { ownerUrl, appUrl } = postgres;
  await migrateDatabase({ ownerUrl, applicationRole: "dingkeep_app" });
  const port = await freePort();
  const NEXTAUTH_URL = `http://127.0.0.1:${port}`;
  Object.assign(process.env, {
    DATABASE_URL: appUrl,
    DATABASE_DIRECT_URL: appUrl,
    PORT: String(port),
    NEXTAUTH_URL,
  });
  worker = await startWorker({ housekeeping: { handle: worked, concurrency: 1 } });
  server = await startServer({ host: "127.0.0.1" });
});

afterAll(async () => {
  await Promise.all([server.close(), worker.stop(), closeNotifications()]);
  await postgres.stop();
  rmSync(dirname(folder), { recursive: true, force: true, maxRetries: 10 });
});

let isAway = false;

/** Stops the database. It is started again if the test fails. */
async function takeAway(): Promise<void> {
  isAway = true;
  onTestFinished(() => {
    if (isAway) bringBack();
  });
  await postgres.stop();
}

/** Starts the same server at the same address, as an operator would. */
function bringBack(): void {
  isAway = false;
  const { home, adminUrl } = postgres;
  const settings = `-c port=${new URL(adminUrl).port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''`;
  execFileSync(
    join(home.bin, "pg_ctl"),
    ["-D", home.data, "-w", "-l", join(home.data, "server.log"), "-o", settings, "start"],
    { ...home.account, cwd: home.data, stdio: "ignore" },
  );
}

async function openPage() {
  const answer = await fetch(`http://127.0.0.1:${server.port}/o/abc`, { headers: { accept: "text/html" } });
  return { status: answer.status, isNext: (await answer.text()) === "from Next" };
}

const UP = { status: 200, isNext: true };
const DOWN = { status: 503, isNext: false };
const ask = () => asUserSql({ userId: crypto.randomUUID() }, (client) => client.query("SELECT 1"));
const makeNotice = (): Notice => ({
  kind: "thing",
  organizationId: crypto.randomUUID(),
  id: crypto.randomUUID(),
});
const announce = (notice: Notice) => inOrganization(notice, (tx) => notify(tx, notice));

/** Waits until all earlier notifications have arrived. They arrive in the order of the commits. */
async function hearAll(): Promise<void> {
  const onNotice = vi.fn<(notice: Notice) => void>();
  const end = subscribe("thing", { onNotice, onStale: () => {} });
  const last = makeNotice();
  await announce(last);
  await expect.poll(() => onNotice.mock.calls).toContainEqual([last]);
  end();
}

/** Checks that a new job is done and a new notification arrives. */
async function expectAllAtWork(received: Notice[]): Promise<void> {
  const before = worked.mock.calls.length;
  await sendJob("housekeeping", {});
  await expect.poll(() => worked.mock.calls.length).toBe(before + 1);
  const notice = makeNotice();
  await announce(notice);
  await expect.poll(() => received.at(-1)).toEqual(notice);
}

test("reports a database outage and recovers from it without help, twice", async () => {
  const received: Notice[] = [];
  const onStale = vi.fn<() => void>();
  subscribe("thing", { onNotice: (notice) => received.push(notice), onStale });
  await expect.poll(isListening).toBe(true);
  expect(await openPage()).toEqual(UP);
  await expectAllAtWork(received);

  for (let outage = 0; outage < 2; outage++) {
    onStale.mockClear();
    await takeAway();
    await expect.poll(openPage).toEqual(DOWN);
    expect(await readChecks()).toMatchObject({ database: false, migrations: false, worker: false });
    await expect(ask()).rejects.toMatchObject({ code: "unavailable" });
    await expect(announce(makeNotice())).rejects.toMatchObject({ code: "unavailable" });
    expect(isListening(), "nothing that depends on notifications may be trusted").toBe(false);

    bringBack();
    await expect.poll(openPage).toEqual(UP);
    expect(await readChecks()).toMatchObject({ database: true });
    await expect.poll(isListening).toBe(true);
    expect(onStale, "values cached during the outage may be stale").toHaveBeenCalledTimes(1);
    await ask();
    await expectAllAtWork(received);
  }
}, 120_000);

test("restarts a killed PostgreSQL, and requests no page from Next meanwhile", async () => {
  await expect.poll(openPage).toEqual(UP);
  // The connections notice the end before the check that runs once a second.
  process.kill(
    Number(readFileSync(join(postgres.home.data, "postmaster.pid"), "utf8").split("\n")[0]),
    "SIGKILL",
  );
  await expect.poll(isListening).toBe(false);
  expect(await openPage()).toEqual(DOWN);
  postgres.supervise();

  await expect.poll(openPage).toEqual(UP);
});

test("hands a job out again when its worker loses the database, and completes it", async () => {
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const tries: number[] = [];
  worked.mockImplementation(async (_, context) => {
    tries.push(context.tries);
    if (context.tries > 1) return;
    begun.resolve();
    await goOn.promise;
  });
  await sendJob("housekeeping", {});
  await begun.promise;
  await takeAway();
  goOn.resolve();
  await expect.poll(openPage).toEqual(DOWN);
  bringBack();

  // The end of the worker goes unnoticed until its heartbeat is missed, which takes 10 s.
  await expect.poll(() => tries, { timeout: 60_000, interval: 100 }).toEqual([1, 2]);
}, 120_000);

/** Returns the value of the metric for stale answers. */
const toldStale = async () => /^dingkeep_stale (\d)$/m.exec((await readMetrics()).text)?.[1];

test("serves a cached lease during an outage, marked as stale, until it expires", async () => {
  const pair = { appKey: "dingaway000000000001", appSecret: "away-test-secret" };
  const simulator = await startSimulator({
    organizations: [{ corpId: "dingawaycorp", size: 1 }],
    apps: [{ ...pair, corpId: "dingawaycorp" }],
  });
  onTestFinished(() => simulator.close());
  let aheadMs = 0;
  const service = makeTokenService(makeTestDingtalk(simulator.url, () => simulator.control.now() + aheadMs));
  const app = await makeApp(pair);
  const read = () => readLease(tokenReader(app), app.appId, { service });
  await expect.poll(isListening).toBe(true);
  const lease = await read();
  expect(lease.isStale).toBe(false);
  // The process hears of its own renewal too, and drops the cached lease once.
  await hearAll();
  await expect.poll(() => countConnections(read)).toBe(0);
  expect(staleness().since).toBeNull();

  await takeAway();
  await expect.poll(isListening).toBe(false);
  const { reads } = staleness();
  const during = await read();
  expect(during).toMatchObject({ version: 1, isStale: true, expiresAt: lease.expiresAt });
  expect(during.accessToken.reveal()).toBe(lease.accessToken.reveal());
  expect(staleness()).toEqual({ since: expect.any(Date), reads: reads + 1 });
  expect(await toldStale()).toBe("1");
  aheadMs = 2 * 60 * 60_000;
  await expect(read()).rejects.toMatchObject({ code: "unavailable" });
  aheadMs = 0;

  bringBack();
  await expect.poll(async () => (await read()).isStale).toBe(false);
  expect(staleness().since).toBeNull();
  expect(await toldStale()).toBe("0");
}, 120_000);

test("the gateway accepts cached keys and tokens during an outage, and marks its answers as stale", async () => {
  const pair = { appKey: "dingaway000000000002", appSecret: "away-test-secret" };
  const simulator = await startSimulator({
    organizations: [{ corpId: "dingawaycorp", size: 1 }],
    apps: [{ ...pair, corpId: "dingawaycorp" }],
  });
  onTestFinished(() => simulator.close());
  const {
    organization,
    app: { appId },
    bearer,
  } = await makeGatewayApp(pair);
  const unseen = await makeGatewayKey(organization);
  const { ask } = gatewayOn(makeTestDingtalk(simulator.url));
  const call = async (headers: Record<string, string>) => {
    const answer = await ask({ path: "auth/scopes", headers });
    const { errcode } = (await answer.json()) as { errcode: number };
    return { status: answer.status, errcode, stale: answer.headers.get("dingkeep-stale") };
  };
  await expect.poll(isListening).toBe(true);
  const app = { ...bearer, "dingkeep-app": appId };
  expect(await call(app)).toEqual({ status: 200, errcode: 0, stale: null });
  await hearAll();
  await expect.poll(() => countConnections(() => call(app))).toBe(0);

  await takeAway();
  await expect.poll(isListening).toBe(false);
  expect(await call(app)).toEqual({ status: 200, errcode: 0, stale: "1" });
  expect((await call(unseen.bearer)).status).toBe(503);
  bringBack();
  await expect.poll(() => call(app)).toEqual({ status: 200, errcode: 0, stale: null });
}, 120_000);

test("accepts a key for STALE_KEY_SECONDS after the database last confirmed it", async () => {
  const organization = await makeOrganization();
  const input = createKeyInput.parse({ name: "erp", scopes: "token:read" });
  const made = await createKey(grant(organization.owner, "key.manage"), input);
  if (!made.ok) throw new Error(made.error.code);
  const find = () => findKey(made.value.key.reveal(), "192.0.2.9");
  await find();
  await expect.poll(isListening).toBe(true);
  await hearAll();
  expect(await find()).toMatchObject({ isStale: false });

  await takeAway();
  await expect.poll(isListening).toBe(false);
  expect(await find()).toMatchObject({ isStale: true });
  const late = performance.now() + env().STALE_KEY_SECONDS * 1_000;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => late);
  onTestFinished(() => clock.mockRestore());
  await expect(find()).rejects.toMatchObject({ code: "unavailable" });
}, 120_000);
