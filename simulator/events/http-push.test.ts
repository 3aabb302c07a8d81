import { describe, expect, test } from "vitest";
import { DEFAULT_APP_KEY, DEFAULT_CORP_ID, DEFAULT_SUITE_KEY } from "../start-simulator";
import { openReceiver } from "../testing/callback-receiver";
import { openSimulator } from "../testing/open-simulator";
import { openSubscribed, RENAME } from "../testing/open-subscribed";
import { sign } from "./callback-crypto";

describe("the check of a callback address", () => {
  test("sends check_url with both signatures, a timestamp in milliseconds and the AppKey", async () => {
    const [{ control }, receiver] = [await openSimulator(), await openReceiver()];
    const { url, token, aesKey } = receiver;
    await control.subscribeEvents(DEFAULT_APP_KEY, { url, token, aesKey });

    const [push] = receiver.received;
    expect(push?.payload).toEqual({ EventType: "check_url" });
    expect(push?.opened.ownerKey).toBe("dingsimulatedappkey0");
    const [timestamp, nonce] = [push?.query.get("timestamp") ?? "", push?.query.get("nonce") ?? ""];
    const { encrypt: encrypted } = JSON.parse(push?.body ?? "{}") as { encrypt: string };
    const signature = sign({ token, timestamp, nonce, encrypted });
    expect(timestamp).toBe(String(control.now()));
    expect([push?.query.get("signature"), push?.query.get("msg_signature")]).toEqual([signature, signature]);
  });

  test.each(["check_create_suite_url", "check_update_suite_url"])(
    "a third-party app gets %s, with its SuiteKey",
    async (eventType) => {
      const [{ control }, receiver] = [await openSimulator(), await openReceiver()];
      const { url, token, aesKey } = receiver;
      if (eventType === "check_update_suite_url") {
        await control.subscribeEvents(DEFAULT_SUITE_KEY, { url, token, aesKey, isChecked: false });
      }
      const check = await control.subscribeEvents(DEFAULT_SUITE_KEY, { url, token, aesKey });

      expect(check).toEqual({ ok: true });
      expect(receiver.received[0]).toMatchObject({
        payload: { EventType: eventType, Random: expect.any(String), TestSuiteKey: "suitesimulatedkey00" },
        opened: { ownerKey: "suitesimulatedkey00" },
      });
    },
  );

  test.each([
    ["success", "success", true],
    ["success", "random", false],
    ["random", "success", false],
    ["random", "random", true],
    ["either", "success", true],
    ["either", "random", true],
  ] as const)(
    "with the setting %s, a third-party app may reply with %s: %j",
    async (suiteUrlReply, text, ok) => {
      const { control } = await openSimulator({ settings: { suiteUrlReply } });
      const { url, token, aesKey } = await openReceiver(({ payload }, correct) =>
        correct({ text: text === "random" ? String(payload.Random) : text }),
      );

      expect((await control.subscribeEvents(DEFAULT_SUITE_KEY, { url, token, aesKey })).ok).toBe(ok);
    },
  );

  test("a failed check keeps the previous subscription", async () => {
    const { control, receiver } = await openSubscribed();
    const { url, token, aesKey } = await openReceiver(() => ({ status: 403, body: "no" }));
    const check = await control.subscribeEvents(DEFAULT_APP_KEY, { url, token, aesKey });

    expect(check).toEqual({ ok: false, reason: "status", detail: "HTTP 403" });
    expect(control.findSubscription(DEFAULT_APP_KEY)).toMatchObject({ url: receiver.url });
  });

  test("the deadline is 1.5 seconds", async () => {
    const { control } = await openSimulator();
    const { url, token, aesKey, received } = await openReceiver(() => null);
    const checking = control.subscribeEvents(DEFAULT_APP_KEY, { url, token, aesKey });
    await expect.poll(() => received.length).toBe(1);
    control.advanceClock(1_499);
    const early = await Promise.race([checking, Promise.resolve("pending")]);
    control.advanceClock(1);

    expect(early).toBe("pending");
    expect(await checking).toMatchObject({ ok: false, reason: "timeout" });
  });
});

describe("the check of a reply", () => {
  const cases: [string, string, Parameters<typeof openReceiver>[0]][] = [
    ["status", "another status", (_, correct) => ({ ...correct(), status: 201 })],
    ["not_json", "a body that is not JSON", () => ({ body: "success" })],
    [
      "missing_key",
      "the key timestamp in place of timeStamp",
      (_, correct) => ({ body: correct().body.replace("timeStamp", "timestamp") }),
    ],
    [
      "missing_key",
      "the key signature in place of msg_signature",
      (_, correct) => ({ body: correct().body.replace("msg_signature", "signature") }),
    ],
    ["wrong_signature", "a signature with another token", (_, correct) => correct({ token: "another" })],
    ["wrong_text", "another text than success", (_, correct) => correct({ text: "Success" })],
    ["wrong_owner_key", "another owner key", (_, correct) => correct({ ownerKey: "dingother" })],
  ];

  test.each(cases)("fails with %s for %s", async (reason, _, respond) => {
    const { control, receiver, rename } = await openSubscribed();
    if (respond) receiver.respondWith(respond);
    await rename();

    expect(control.listPushes()).toMatchObject([{ state: "pending", attempts: [{ ok: false, reason }] }]);
  });

  test("fails for a message with another key", async () => {
    const { control, receiver, rename } = await openSubscribed();
    const aesKey = "a".repeat(43);
    receiver.respondWith((_, correct) => correct({ aesKey }));
    await rename();

    // A wrong key leaves valid padding in about one of eight cases; then the length or the owner key is wrong.
    const [push] = control.listPushes();
    expect(push?.attempts[0]?.ok).toBe(false);
    expect(["not_decryptable", "wrong_owner_key"]).toContain(push?.attempts[0]?.reason);
  });

  test("fails without a reply for 2.5 seconds", async () => {
    const { control, receiver } = await openSubscribed();
    receiver.respondWith(() => null);
    control.changeDirectory(DEFAULT_CORP_ID, [RENAME]);
    await expect.poll(() => receiver.received.length).toBe(1);
    control.advanceClock(2_499);
    expect(control.listPushes()[0]?.attempts).toEqual([]);
    control.advanceClock(1);
    await control.settleEvents();

    expect(control.listPushes()[0]?.attempts).toMatchObject([{ reason: "timeout" }]);
  });

  test("fails if nothing listens at the address", async () => {
    const { control, rename } = await openSubscribed();
    const { token, aesKey } = await openReceiver();
    const url = "http://127.0.0.1:1/callback";
    await control.subscribeEvents(DEFAULT_APP_KEY, { url, token, aesKey, isChecked: false });
    await rename();

    expect(control.listPushes()[0]?.attempts).toMatchObject([
      { reason: "unreachable", detail: expect.any(String) },
    ]);
  });
});

describe("redelivery", () => {
  test("repeats a failed push after 10 seconds and after 30 more, then shows it in the failed list after 3 minutes", async () => {
    const { control, receiver, rename, advance } = await openSubscribed();
    receiver.respondWith(() => ({ status: 500, body: "" }));
    await rename();
    await advance(9_999);
    expect(receiver.received).toHaveLength(1);
    await advance(1);
    expect(receiver.received).toHaveLength(2);
    await advance(29_999);
    expect(receiver.received).toHaveLength(2);
    await advance(1);
    expect(receiver.received).toHaveLength(3);
    await advance(179_999);
    expect([control.listPushes()[0]?.state, control.listFailedEvents(DEFAULT_APP_KEY)]).toEqual([
      "failed",
      [],
    ]);
    await advance(1);

    expect(receiver.received).toHaveLength(3);
    expect(control.listFailedEvents(DEFAULT_APP_KEY)).toMatchObject([{ eventType: "org_dept_modify" }]);
  });

  test("all attempts can be made in one step of time", async () => {
    const { control, receiver, rename } = await openSubscribed();
    receiver.respondWith(() => ({ status: 500, body: "" }));
    await rename();
    const from = control.now();
    await control.passTime(300_000);

    expect(control.now() - from).toBe(300_000);
    expect(control.listPushes()[0]?.attempts.map(({ at, reason }) => [at - from, reason])).toEqual([
      [0, "status"],
      [10_000, "status"],
      [40_000, "status"],
    ]);
    expect(control.listFailedEvents(DEFAULT_APP_KEY)).toHaveLength(1);
  });

  test("a repetition has the same event id, and a new nonce", async () => {
    const { control, receiver, rename, advance } = await openSubscribed();
    receiver.respondWith(() => ({ status: 500, body: "" }));
    await rename();
    receiver.respondWith((_, correct) => correct());
    await advance(10_000);

    const [first, second] = receiver.received;
    expect(second?.payload).toEqual(first?.payload);
    expect(second?.query.get("nonce")).not.toBe(first?.query.get("nonce"));
    expect(control.listPushes()).toMatchObject([
      { state: "delivered", attempts: [{ ok: false }, { ok: true }] },
    ]);
  });

  test("an app that unsubscribes gets no repetition", async () => {
    const { control, receiver, rename, advance } = await openSubscribed();
    receiver.respondWith(() => ({ status: 500, body: "" }));
    await rename();
    control.unsubscribeEvents(DEFAULT_APP_KEY);
    await advance(10_000);
    await advance(30_000);

    expect(receiver.received).toHaveLength(1);
    expect(control.listPushes()[0]?.attempts.map(({ reason }) => reason)).toEqual([
      "status",
      "not_subscribed",
      "not_subscribed",
    ]);
  });
});

describe("subscriptions", () => {
  test("with the owner key corp_id and the older shape, a push has the CorpId and PascalCase fields", async () => {
    const { receiver, rename, control } = await openSubscribed({ shape: "legacy", ownerKey: "corp_id" });
    await rename();

    expect(receiver.received[0]?.opened.ownerKey).toBe(DEFAULT_CORP_ID);
    expect(receiver.received[0]?.payload).toEqual({
      CorpId: DEFAULT_CORP_ID,
      EventType: "org_dept_modify",
      DeptId: [1],
      TimeStamp: String(control.now()),
    });
  });

  test("an app gets the events of its types, of its organizations, and only while it is enabled", async () => {
    const { control, receiver, rename } = await openSubscribed({ eventTypes: ["org_dept_modify"] });
    control.addOrganization({ corpId: "dingother", size: 0 });
    control.changeDirectory("dingother", [RENAME]);
    control.changeDirectory(DEFAULT_CORP_ID, [{ op: "add_department", parentId: 1, name: "甲" }]);
    await rename();
    control.changeApp(DEFAULT_APP_KEY, { disabled: true });
    await rename();

    expect(receiver.received.map(({ payload }) => payload.EventType)).toEqual(["org_dept_modify"]);
  });

  test("reset removes subscriptions, options and unfinished pushes", async () => {
    const { control, receiver, rename, advance } = await openSubscribed();
    receiver.respondWith(() => ({ status: 500, body: "" }));
    control.setEventOptions(DEFAULT_APP_KEY, { duplicates: 1 });
    await rename();
    control.reset();
    await advance(10_000);

    expect(receiver.received).toHaveLength(2);
    expect(control.findSubscription(DEFAULT_APP_KEY)).toBeNull();
    expect(control.readEventOptions(DEFAULT_APP_KEY).duplicates).toBe(0);
    expect(control.listPushes()).toEqual([]);
  });

  test("subscriptions, options and events can be controlled over HTTP", async () => {
    const [{ controlHttp, control }, receiver] = [await openSimulator(), await openReceiver()];
    const { url, token, aesKey } = receiver;
    const path = `apps/${DEFAULT_APP_KEY}`;
    const check = await controlHttp("PUT", `${path}/subscription`, { url, token, aesKey });
    await controlHttp("PATCH", `${path}/event-options`, { delivery: "buffered" });
    await controlHttp("POST", `${path}/events`, { eventType: "org_change" });
    await controlHttp("POST", `${path}/events/release`);
    await controlHttp("POST", "pushes/settle");

    expect(check).toEqual({ status: 200, body: { ok: true } });
    const pushes = await controlHttp("GET", `pushes?appKey=${DEFAULT_APP_KEY}&state=delivered`);
    expect(pushes.body).toMatchObject([{ event: { eventType: "org_change" } }]);
    await controlHttp("DELETE", `${path}/subscription`);
    expect(control.findSubscription(DEFAULT_APP_KEY)).toBeNull();
    const refused = await controlHttp("PUT", `${path}/subscription`, { url, token, aesKey: "short" });
    expect(refused.status).toBe(400);
  });
});
