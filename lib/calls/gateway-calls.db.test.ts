import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { gatewayOn, makeGatewayApp } from "@/lib/gateway/test-support/gateway-world";
import { tokenTests } from "@/lib/testing/token-tests";
import { observeGateway } from "./gateway-calls";
import { writeRecordedCalls } from "./record-call";
import { storedRows } from "./test-support/make-call";

const SEND = "topapi/message/corpconversation/asyncsend_v2";
const READ = "topapi/v2/department/get";

const { pair, simulator, makeDingtalk } = tokenTests("gatecalls");

beforeAll(observeGateway);
beforeEach(() => {
  // The simulator has no messages, so a fault plays DingTalk's answer to a message that was sent.
  simulator.control.addFault({
    path: SEND,
    fault: { kind: "body", body: '{"errcode":0,"request_id":"r-sent"}' },
  });
});

const usedUp = (times: number) =>
  simulator.control.addFault({
    path: SEND,
    times,
    fault: { kind: "errcode", errcode: 90020, errmsg: "用完" },
  });
const sent = () => simulator.control.readCalls({ path: SEND }).total;

type Stored = { readonly path: string; readonly outcome: string };

async function logged(app: AppRef): Promise<Stored[]> {
  await writeRecordedCalls();
  return (await storedRows<Stored & { key_id: string | null }>(app, "logged_call")).filter(
    ({ key_id }) => key_id,
  );
}

describe("calls through the gateway", () => {
  test("logs a gateway call with its key, without values of the path, the query or the body", async () => {
    const { app, keyId, bearer } = await makeGatewayApp(pair);
    const { ask } = gatewayOn(makeDingtalk());
    const headers = { ...bearer, "content-type": "application/json" };
    await ask({
      path: `${READ}?mark=13800138000`,
      method: "POST",
      headers,
      body: '{"dept_id":1,"mark":"MARKED"}',
    });
    await ask({ path: "v1.0/contact/users/13800138000", headers });
    const rows = await logged(app);
    expect(rows).toMatchObject([
      {
        key_id: keyId,
        method: "POST",
        path: READ,
        outcome: "ok",
        status: 200,
        attempts: 1,
        request_id: expect.any(String),
      },
      { key_id: keyId, method: "GET", path: "v1.0/contact/users/{}", outcome: "dingtalk_refused" },
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/13800138000|MARKED|access_token/);
  });

  test("refuses a billable gateway call with DingTalk's code once the quota is used up", async () => {
    const { app, bearer } = await makeGatewayApp(pair);
    const { ask } = gatewayOn(makeDingtalk());
    const send = async () => (await ask({ path: SEND, method: "POST", headers: bearer })).json();
    expect(await send()).toMatchObject({ errcode: 0 });
    simulator.control.clearFaults();
    usedUp(1);
    expect(await send()).toMatchObject({ errcode: 90020 });
    const before = sent();
    const stopped = await ask({ path: SEND, method: "POST", headers: bearer });
    expect(stopped.status).toBe(429);
    expect(await stopped.json()).toMatchObject({ errcode: 90020 });
    expect(sent(), "nothing was sent").toBe(before);
    const body = '{"dept_id":1}';
    const headers = { ...bearer, "content-type": "application/json" };
    expect(await (await ask({ path: READ, method: "POST", headers, body })).json()).toMatchObject({
      errcode: 0,
    });
    expect((await logged(app)).map(({ outcome }) => outcome)).toEqual([
      "ok",
      "dingtalk_refused",
      "refused",
      "ok",
    ]);
  });

  test("refuses a gateway call once the key's monthly share is used up", async () => {
    const { bearer } = await makeGatewayApp(pair, { monthlyShare: 1 });
    const { ask } = gatewayOn(makeDingtalk());
    const send = () => ask({ path: SEND, method: "POST", headers: bearer });
    expect((await send()).status).toBe(200);
    const refused = await send();
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ code: "rate_limited", detail: "monthlyShare" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});
