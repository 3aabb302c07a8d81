import { describe, expect, test } from "vitest";
import { DEFAULT_APP_KEY, DEFAULT_CORP_ID } from "../start-simulator";
import { openSubscribed } from "../testing/open-subscribed";
import { sign } from "./callback-crypto";

describe("options of an app's events", () => {
  test("duplicates are equal to the last byte", async () => {
    const { control, receiver, rename } = await openSubscribed();
    control.setEventOptions(DEFAULT_APP_KEY, { duplicates: 2 });
    await rename();

    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ query, body }) => `${query}${body}`)).size).toBe(1);
    expect(control.listPushes()).toMatchObject([{ attempts: [{ copy: 0 }, { copy: 1 }, { copy: 2 }] }]);
  });

  test("buffered events are sent when they are released, and in another order if wanted", async () => {
    const { control, receiver, rename } = await openSubscribed();
    control.setEventOptions(DEFAULT_APP_KEY, { delivery: "buffered", order: "reversed", concurrency: 1 });
    await rename();
    control.pushEvent(DEFAULT_APP_KEY, { eventType: "org_change" });
    expect(receiver.received).toEqual([]);
    expect(control.releaseEvents(DEFAULT_APP_KEY)).toBe(2);
    await control.settleEvents();

    expect(receiver.received.map(({ payload }) => payload.EventType)).toEqual([
      "org_change",
      "org_dept_modify",
    ]);
  });

  test("dropped events are only in the failed list, and at once", async () => {
    const { control, receiver, rename } = await openSubscribed();
    control.setEventOptions(DEFAULT_APP_KEY, { delivery: "dropped" });
    await rename();

    expect(receiver.received).toEqual([]);
    expect(control.listFailedEvents(DEFAULT_APP_KEY)).toHaveLength(1);
  });

  test("a delay runs on the simulator's clock", async () => {
    const { control, receiver, rename, advance } = await openSubscribed();
    control.setEventOptions(DEFAULT_APP_KEY, { delayMs: 5_000 });
    await rename();
    await advance(4_999);
    expect(receiver.received).toEqual([]);
    await advance(1);

    expect(receiver.received).toHaveLength(1);
  });

  test("an offset moves all timestamps", async () => {
    const { control, receiver, rename } = await openSubscribed();
    control.setEventOptions(DEFAULT_APP_KEY, { timestampOffsetMs: -90_000_000 });
    await rename();

    const at = control.now() - 90_000_000;
    expect(receiver.received[0]?.query.get("timestamp")).toBe(String(at));
    expect(receiver.received[0]?.payload).toMatchObject({ EventTime: at, timeStamp: String(at) });
  });

  test("a spoiled push can be repeated correctly", async () => {
    const { control, receiver, rename, advance } = await openSubscribed();
    control.setEventOptions(DEFAULT_APP_KEY, { corruption: "wrong_aes_key" });
    await rename();
    expect(receiver.received).toEqual([]);
    control.resetEventOptions(DEFAULT_APP_KEY);
    await advance(10_000);

    expect(receiver.received).toHaveLength(1);
  });

  test.each(["wrong_token", "tampered_signature", "wrong_owner_key"] as const)(
    "%s changes what a receiver compares",
    async (corruption) => {
      const { control, receiver, rename } = await openSubscribed();
      control.setEventOptions(DEFAULT_APP_KEY, { corruption });
      await rename();
      const [push] = receiver.received;
      const { encrypt: encrypted } = JSON.parse(push?.body ?? "{}") as { encrypt: string };
      const [timestamp, nonce] = [push?.query.get("timestamp") ?? "", push?.query.get("nonce") ?? ""];
      const isSigned =
        push?.query.get("signature") === sign({ token: receiver.token, timestamp, nonce, encrypted });

      expect([isSigned, push?.opened.ownerKey]).toEqual(
        corruption === "wrong_owner_key" ? [true, `${DEFAULT_APP_KEY}x`] : [false, DEFAULT_APP_KEY],
      );
    },
  );

  test("a wrong length makes a message unreadable", async () => {
    const { control, receiver } = await openSubscribed();
    control.pushEvent(DEFAULT_APP_KEY, { eventType: "org_change", options: { corruption: "wrong_length" } });
    await control.settleEvents();

    expect(receiver.received).toEqual([]);
    expect(control.listPushes()).toMatchObject([{ attempts: [{ reason: "status" }] }]);
  });

  test("only the signature tells a tampered message", async () => {
    const { control, receiver } = await openSubscribed();
    control.pushEvent(DEFAULT_APP_KEY, {
      eventType: "org_change",
      options: { corruption: "tampered_message" },
    });
    await control.settleEvents();

    const [push] = receiver.received;
    expect(push?.payload).not.toHaveProperty("EventType");
    expect(push?.payload).toMatchObject({ CorpId: DEFAULT_CORP_ID });
    const { encrypt: encrypted } = JSON.parse(push?.body ?? "{}") as { encrypt: string };
    const [timestamp, nonce] = [push?.query.get("timestamp") ?? "", push?.query.get("nonce") ?? ""];
    const signature = sign({ token: receiver.token, timestamp, nonce, encrypted });
    expect(push?.query.get("signature")).not.toBe(signature);
  });
});
