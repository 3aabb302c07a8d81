import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeNotifications } from "@/lib/db/notifications";
import { type Simulator, startSimulator } from "@/simulator/start-simulator";
import { callerOf } from "./caller-of";
import { makeKeeper } from "./keeper";
import { makeApp, makeWay } from "./test-support/make-app";

const PAIR = { appKey: "dingkeeptoken0000001", appSecret: "keep-token-test-secret" };
const CORP = "dingkeeptokencorp";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    organizations: [{ corpId: CORP, size: 3 }],
    apps: [{ ...PAIR, corpId: CORP }],
  });
});
afterAll(async () => {
  await simulator.close();
  await closeNotifications();
});
beforeEach(() => simulator.control.reset());

const newKeeper = () => makeKeeper(makeWay(simulator.url, () => simulator.control.now()));
const asked = () => simulator.control.readCalls({ path: "v1.0/oauth2/accessToken" }).total;

describe("current", () => {
  test("200 at once in one process ask DingTalk once", async () => {
    const app = await makeApp(PAIR);
    const caller = await callerOf(app, app.appId, newKeeper());
    const tokens = await Promise.all(Array.from({ length: 200 }, () => caller.token.current()));

    expect(new Set(tokens.map((token) => token.reveal())).size).toBe(1);
    expect(asked()).toBe(1);
  });
});
