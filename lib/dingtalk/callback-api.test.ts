import { expect, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import { DEFAULT_APP_KEY, DEFAULT_APP_SECRET } from "@/simulator/start-simulator";
import { openReceiver } from "@/simulator/testing/callback-receiver";
import { openSimulator } from "@/simulator/testing/open-simulator";
import { deleteCallback, getCallback, readFailedCallbacks, registerCallback } from "./callback-api";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { requestAccessToken } from "./tokens";

async function open() {
  const [{ url, control }, receiver] = [await openSimulator(), await openReceiver()];
  const { dingtalk } = makeDingtalk({ url });
  const pair = { appKey: DEFAULT_APP_KEY, appSecret: new Redacted(DEFAULT_APP_SECRET) };
  const { token } = await requestAccessToken(dingtalk, pair);
  const { caller } = makeCaller(token.reveal());
  const registration = {
    url: new Redacted(receiver.url),
    secrets: { token: new Redacted(receiver.token), aesKey: new Redacted(receiver.aesKey) },
  };
  return { control, receiver, dingtalk, caller, registration };
}

test("registers an address, replaces it, and deletes it more than once without an error", async () => {
  const { receiver, dingtalk, caller, registration } = await open();
  expect(await getCallback(dingtalk, caller)).toBeNull();
  await registerCallback(dingtalk, caller, registration);
  await registerCallback(dingtalk, caller, registration);
  expect(receiver.received.map(({ payload }) => payload)).toMatchObject([
    { EventType: "check_url" },
    { EventType: "check_url" },
  ]);
  const registered = await getCallback(dingtalk, caller);
  expect(registered?.url).toBe(receiver.url);
  expect(registered?.types).toEqual(
    expect.arrayContaining(["org_dept_modify", "user_leave_org", "org_change"]),
  );
  await deleteCallback(dingtalk, caller);
  await deleteCallback(dingtalk, caller);
  expect(await getCallback(dingtalk, caller)).toBeNull();
});

test("an address that doesn't answer as DingTalk demands is refused with DingTalk's code", async () => {
  const { dingtalk, caller, registration } = await open();
  const wrong = { ...registration, url: new Redacted("http://127.0.0.1:1/nobody") };
  const refusal = await refusalOf(registerCallback(dingtalk, caller, wrong));
  expect(refusal).toMatchObject({ kind: "callback_check_failed", upstream: { code: "71012" } });
});

test("undelivered callbacks are returned in the form of pushed events", async () => {
  const { control, dingtalk, caller, registration } = await open();
  await registerCallback(dingtalk, caller, registration);
  control.setEventOptions(DEFAULT_APP_KEY, { delivery: "dropped", failedAfterMs: 0 });
  control.pushEvent(DEFAULT_APP_KEY, { eventType: "org_dept_modify", data: { deptId: [7] } });
  const { events, hasMore } = await readFailedCallbacks(dingtalk, caller);
  expect(hasMore).toBe(false);
  expect(events).toMatchObject([{ EventType: "org_dept_modify", timeStamp: expect.any(Number) }]);
  expect(JSON.stringify(events[0])).toContain('"deptid":[7]');
});
