import { beforeAll, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { retestApp } from "@/lib/dingtalk-apps/retest-app";
import { makeTicketService } from "@/lib/jsapi/ticket-service";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { takeLease } from "@/lib/tokens/lease/read-lease";
import { writeCalls } from "./log/log-calls";
import { storedRows } from "./test-support/make-call";

const { pair, simulator, makeDingtalk, newTokenService } = tokenTests("owncalls");

beforeAll(() => {
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
});

const { signal } = new AbortController();

type Stored = { readonly path: string; readonly outcome: string; readonly key_id: string | null };

async function logged(app: AppRef): Promise<Stored[]> {
  await writeCalls();
  return storedRows<Stored>(app, "logged_call");
}

test("token and ticket requests are logged for their app as Dingkeep's own calls", async () => {
  const [app, other] = [await makeApp(pair), await makeApp(pair)];
  const service = newTokenService();
  await takeLease(makeTicketService(makeDingtalk(), service), app, signal);
  expect(await logged(app)).toMatchObject([
    {
      path: "v1.0/oauth2/accessToken",
      outcome: "ok",
      status: 200,
      attempts: 1,
      key_id: null,
      app_id: app.appId,
    },
    { path: "v1.0/oauth2/jsapiTickets", outcome: "ok", method: "POST" },
  ]);
  expect(await logged(other)).toEqual([]);
});

test("refused calls are logged with DingTalk's code and request ID, and unreachable hosts as failures", async () => {
  const app = await makeApp({ ...pair, appSecret: "not-the-secret" });
  await takeLease(newTokenService(), app, signal).catch(() => {});
  const [refused] = await logged(app);
  expect(refused).toMatchObject({
    outcome: "dingtalk_refused",
    status: 400,
    errcode: expect.stringMatching(/invalid/i),
    request_id: expect.stringMatching(/./),
  });
  expect(JSON.stringify(refused)).not.toContain("not-the-secret");

  const unreached = await makeApp(pair);
  const away = { ...makeDingtalk(), apiUrl: "http://127.0.0.1:1", oapiUrl: "http://127.0.0.1:1" };
  await takeLease(newTokenService(away), unreached, signal).catch(() => {});
  expect(await logged(unreached)).toMatchObject([
    { path: "v1.0/oauth2/accessToken", outcome: "failed", status: null, errcode: null },
    { path: "gettoken", outcome: "failed", method: "GET" },
  ]);
});

test("the calls of a connection test are logged for a connected app", async () => {
  const { organizationId, owner } = await makeOrganization();
  const app = await makeApp(pair, { organizationId });
  await retestApp(grant(owner, "app.change"), app.appId, "203.0.113.9");
  expect((await logged(app)).map(({ path }) => path)).toEqual([
    "v1.0/oauth2/accessToken",
    "auth/scopes",
    "topapi/v2/department/listsub",
  ]);
});
