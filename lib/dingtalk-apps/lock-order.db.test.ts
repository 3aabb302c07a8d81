import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { closeNotifications } from "@/lib/db/notifications";
import { SESSIONS } from "@/lib/testing/connections";
import { makeOrganization } from "@/lib/testing/factories";
import { type Simulator, startSimulator } from "@/simulator/start-simulator";
import { connectApp } from "./connect-app";
import { deleteApp } from "./delete-app";
import { disableApp, enableApp } from "./enable-disable-app";
import { replaceSecret } from "./replace-secret";
import { retestApp } from "./retest-app";

/** Runs between DingTalk's answer to a connection test and the command's writes. */
let afterTest = async (): Promise<void> => {};
vi.mock("./test-within-limits", async (importOriginal) => {
  const real = await importOriginal<typeof import("./test-within-limits")>();
  const testWithinLimits: typeof real.testWithinLimits = async (...given) => {
    const outcome = await real.testWithinLimits(...given);
    await afterTest();
    return outcome;
  };
  return { ...real, testWithinLimits };
});

let simulator: Simulator;
let admin: pg.Pool;
let addresses = 0;

beforeAll(async () => {
  simulator = await startSimulator({ limits: { appApiPerSecond: null } });
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
  admin = new pg.Pool({ connectionString: process.env.TEST_ADMIN_URL, max: 2 });
});
afterAll(async () => {
  await admin.end();
  await simulator.close();
  await closeNotifications();
});

const makeAddress = () => `203.0.113.${++addresses}`;

async function makeConnected() {
  const { owner } = await makeOrganization();
  const { corpId } = simulator.control.listApps()[0] ?? { corpId: "" };
  const pair = {
    appKey: `ding${crypto.randomUUID().slice(0, 8)}`,
    appSecret: `secret-${crypto.randomUUID()}`,
  };
  simulator.control.addApp({ ...pair, corpId });
  const input = { ...pair, name: "通讯录", corpId: null, agentId: null, isDraft: false };
  const made = await connectApp(grant(owner, "app.connect"), input, makeAddress());
  if (!made.ok) throw new Error(made.error.code);
  const app = { organizationId: owner.organizationId, appId: made.value.appId };
  return { app, pair, owner, change: grant(owner, "app.change") };
}

/** Locks the app's token as a renewal does before it changes the app. */
async function beginRenewal({ organizationId, appId }: AppRef) {
  const client = await admin.connect();
  onTestFinished(() => client.release());
  await client.query("BEGIN");
  await client.query("SELECT FROM app_token WHERE organization_id = $1 AND app_id = $2 FOR UPDATE", [
    organizationId,
    appId,
  ]);
  return {
    async end() {
      await client.query(
        "UPDATE dingtalk_app SET updated_at = now() WHERE organization_id = $1 AND id = $2",
        [organizationId, appId],
      );
      await client.query("COMMIT");
    },
  };
}

const countBlocked = async () =>
  (
    await admin.query(
      `SELECT FROM ${SESSIONS} WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
  ).rowCount;

let world: Awaited<ReturnType<typeof makeConnected>>;
beforeEach(async () => {
  world = await makeConnected();
});

describe("commands during a renewal of the app's token", () => {
  const testing: [string, () => Promise<unknown>][] = [
    ["testing it", () => retestApp(world.change, world.app.appId, makeAddress())],
    [
      "replacing its secret",
      () => replaceSecret(world.change, world.app.appId, { appSecret: world.pair.appSecret }, makeAddress()),
    ],
    [
      "enabling it",
      async () => {
        await disableApp(world.change, world.app.appId);
        await enableApp(world.change, world.app.appId, makeAddress());
      },
    ],
  ];
  test.each(testing)(
    "a command waits for the app's token renewal and then succeeds: %s",
    async (_, command) => {
      const begun = Promise.withResolvers<Awaited<ReturnType<typeof beginRenewal>>>();
      afterTest = async () => begun.resolve(await beginRenewal(world.app));
      onTestFinished(() => {
        afterTest = async () => {};
      });
      const running = command();
      running.catch(begun.reject);
      const renewal = await begun.promise;
      await expect.poll(countBlocked).toBe(1);
      await renewal.end();
      await running;
    },
  );

  test.each<[string, () => Promise<unknown>]>([
    ["disabling it", () => disableApp(world.change, world.app.appId)],
    ["deleting it", () => deleteApp(grant(world.owner, "app.delete"), world.app.appId, null)],
  ])("a command waits for the app's token renewal and then succeeds: %s", async (_, command) => {
    const renewal = await beginRenewal(world.app);
    const running = command();
    running.catch(() => {});
    await expect.poll(countBlocked).toBe(1);
    await renewal.end();
    await running;
  });
});
