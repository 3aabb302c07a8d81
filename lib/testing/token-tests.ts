import { afterAll, beforeAll, beforeEach } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { closeNotifications } from "@/lib/db/notifications";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { ensureToken } from "@/lib/tokens/renewal/ensure-token";
import { makeTokenService, type TokenService } from "@/lib/tokens/renewal/token-service";
import { makeTestDingtalk } from "@/lib/tokens/test-support/test-dingtalk";
import { type Simulator, type SimulatorOptions, startSimulator } from "@/simulator/start-simulator";
import { makeApp } from "./factories";

const { signal } = new AbortController();
/** A renewal is due ten minutes before a token expires, which takes two hours. */
const TO_RENEWAL_MS = 110 * 60_000;

/**
 * Sets up token tests: a simulated DingTalk with one app that all apps in the database connect to.
 *
 * @param name letters and digits of the app's key and secret
 */
export function tokenTests(name: string, options: SimulatorOptions = {}) {
  const pair = { appKey: `ding${name.padEnd(16, "0")}`, appSecret: `${name}-test-secret-MARKED` };
  let started: Simulator | undefined;
  const simulator = (): Simulator => {
    if (!started) throw new Error("the simulator runs while tests do");
    return started;
  };
  beforeAll(async () => {
    const corpId = `ding${name}corp`;
    const organizations = [{ corpId, size: 3 }];
    const limits = { appApiPerSecond: null };
    started = await startSimulator({ organizations, apps: [{ ...pair, corpId }], limits, ...options });
  });
  afterAll(async () => {
    await started?.close();
    await closeNotifications();
  });
  beforeEach(() => started?.control.reset());

  /** Makes an app whose renewal is due, and resets the count of calls to DingTalk. */
  async function makeDue(service: TokenService) {
    const app = await makeApp(pair);
    const caller = await callerOf(app, app.appId, service);
    const token = await caller.token.current();
    simulator().control.advanceClock(TO_RENEWAL_MS);
    simulator().control.clearCalls();
    return { app, caller, token };
  }

  const now = () => simulator().control.now();
  const makeDingtalk = () => makeTestDingtalk(simulator().url, now);
  return {
    pair,
    simulator: {
      get url() {
        return simulator().url;
      },
      get control() {
        return simulator().control;
      },
    },
    now,
    makeDingtalk,
    makeDue,
    /** Makes a service with its own memory and single flights, as another process has. */
    newTokenService: (dingtalk: Dingtalk = makeDingtalk()): TokenService => makeTokenService(dingtalk),
    /** Returns the number of token requests to DingTalk. */
    tokenRequests: () => simulator().control.readCalls({ path: "v1.0/oauth2/accessToken" }).total,
    runSchedule: (service: TokenService, app: AppRef) =>
      ensureToken(service, app, { for: "schedule" }, signal),
  };
}
