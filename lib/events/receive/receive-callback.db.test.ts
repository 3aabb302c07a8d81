import { describe, expect, test } from "vitest";
import { inOrganization } from "@/lib/db/unit-of-work";
import { decryptCallback, signCallback } from "@/lib/dingtalk/callback-crypto";
import { Redacted } from "@/lib/redacted";
import { openSecret } from "@/lib/secrets/sealed-secrets";
import { rotateSecret, type ShownSecrets } from "../subscription/set-up";
import { receiveCallback } from "./receive-callback";
import { payloadContext } from "./store-events";
import { addressOf, CORP, eventsOf, makeSubscribed, push, subscriptionOf } from "./test-support/push";

const RENAMED = { EventType: "org_dept_modify", CorpId: CORP, deptId: [7], eventId: "event-1" };

describe("callbacks", () => {
  test("check_url is answered with an encrypted success and verifies the subscription", async () => {
    const { app, appKey, secrets } = await makeSubscribed();
    const received = await push(secrets, { message: { EventType: "check_url" }, ownerKey: appKey });
    if (received.outcome !== "checked") throw new Error(received.outcome);
    const { encrypt, timeStamp: timestamp, nonce, msg_signature } = received.reply;
    expect(decryptCallback(secrets.aesKey, encrypt)).toEqual({ message: "success", ownerKey: appKey });
    expect(msg_signature).toBe(signCallback(secrets.token, { timestamp, nonce, encrypt }));
    expect(await subscriptionOf(app)).toMatchObject({ verifiedAt: expect.any(Date), ownerKind: "app_key" });
    expect(await eventsOf(app)).toEqual([]);
  });

  test("an event is stored sealed, and its processing is queued once", async () => {
    const { app, appKey, secrets } = await makeSubscribed();
    for (const eventId of ["event-1", "event-2"]) {
      expect(await push(secrets, { message: { ...RENAMED, eventId }, ownerKey: appKey })).toMatchObject({
        outcome: "stored",
      });
    }
    const [event] = await eventsOf(app);
    expect(event).toMatchObject({
      appId: app.appId,
      type: "org_dept_modify",
      source: "http",
      dedupeKey: "event-1",
      departmentIds: [7n],
      state: "pending",
      isLate: false,
    });
    const context = payloadContext(app.organizationId, event?.id ?? "");
    expect(JSON.parse(openSecret(context, event?.sealedPayload ?? new Uint8Array()).reveal())).toEqual({
      ...RENAMED,
      eventId: "event-1",
    });
    const jobs = await inOrganization(
      app,
      (tx) => tx.$queryRaw<{ n: number }[]>`
        SELECT count(*)::int AS n FROM pgboss.job WHERE name = 'event.process' AND data ->> 'appId' = ${app.appId}`,
    );
    expect(jobs).toEqual([{ n: 1 }]);
  });

  test("a repeated event is acknowledged and not stored again", async () => {
    const { app, appKey, secrets } = await makeSubscribed();
    const once = { message: RENAMED, ownerKey: appKey };
    await push(secrets, once);
    expect(await push(secrets, once)).toMatchObject({ outcome: "duplicate", reply: expect.anything() });
    expect(await eventsOf(app)).toHaveLength(1);
  });

  test("the CorpId is accepted as owner key and recorded, and so are both signature parameters", async () => {
    const { app, secrets } = await makeSubscribed();
    const message = RENAMED;
    const sent = { message, ownerKey: CORP, parameter: "signature" } as const;
    expect(await push(secrets, sent)).toMatchObject({ outcome: "stored" });
    expect(await subscriptionOf(app)).toMatchObject({ ownerKind: "corp_id", lastEventAt: expect.any(Date) });
  });

  test("an event that is more than 24 hours off is stored as late and acknowledged", async () => {
    const { app, appKey, secrets } = await makeSubscribed();
    const dayMs = 24 * 60 * 60_000;
    const at = (ms: number, eventId: string) =>
      push(secrets, { message: { ...RENAMED, eventId }, ownerKey: appKey, timestamp: String(ms) });
    await at(Date.now() - dayMs - 60_000, "late");
    await at(Date.now() - dayMs + 60_000, "in-time");
    await at(Math.floor((Date.now() - 1_000) / 1_000), "in-seconds");
    expect((await eventsOf(app)).map(({ dedupeKey, isLate }) => [dedupeKey, isLate])).toEqual([
      ["late", true],
      ["in-time", false],
      ["in-seconds", false],
    ]);
  });

  test("a rotated secret stays valid for 24 hours, and no longer", async () => {
    const { app, appKey, actor, secrets } = await makeSubscribed();
    const renewed = {
      url: (await rotateSecret(actor, app.appId, "path")) ?? secrets.url,
      token: (await rotateSecret(actor, app.appId, "token")) ?? secrets.token,
      aesKey: (await rotateSecret(actor, app.appId, "aes_key")) ?? secrets.aesKey,
    };
    const send = (mixed: ShownSecrets, eventId: string) =>
      push(mixed, { message: { ...RENAMED, eventId }, ownerKey: appKey });
    expect(await send(renewed, "new")).toMatchObject({ outcome: "stored" });
    expect(await send(secrets, "old")).toMatchObject({ outcome: "stored" });
    const { organizationId } = app;
    const ends = await inOrganization(app, (tx) =>
      tx.callbackSecret.findMany({ where: { organizationId, validUntil: { not: null } } }),
    );
    for (const { validUntil, kind } of ends) {
      const leftMs = (validUntil?.getTime() ?? 0) - Date.now();
      expect(leftMs, kind).toBeGreaterThan(24 * 60 * 60_000 - 60_000);
      expect(leftMs, kind).toBeLessThanOrEqual(24 * 60 * 60_000);
    }
    await inOrganization(app, (tx) =>
      tx.callbackSecret.updateMany({
        where: { organizationId, validUntil: { not: null } },
        data: { validUntil: new Date(0) },
      }),
    );
    for (const part of ["url", "token", "aesKey"] as const) {
      const mixed = { ...renewed, [part]: secrets[part] };
      expect(await send(mixed, `old-${part}`), part).toEqual({ outcome: "refused" });
    }
  });
});

describe("refused callbacks", () => {
  test("every failed check has the same result, and nothing is stored", async () => {
    const { organization, app, appKey, secrets } = await makeSubscribed();
    const other = await makeSubscribed();
    const [message, ownerKey] = [RENAMED, appKey];
    const wrong = new Redacted("wrongwrongwrongwrongwrongwrongww");
    const refused = [
      push({ ...secrets, token: wrong }, { message, ownerKey }),
      push({ ...secrets, aesKey: other.secrets.aesKey }, { message, ownerKey }),
      push({ ...secrets, url: other.secrets.url }, { message, ownerKey }),
      push(secrets, { message, ownerKey: other.appKey }),
      push(secrets, { message: "not json", ownerKey }),
      push(secrets, { message: {}, ownerKey }),
      receiveCallback({ address: addressOf(secrets.url), query: new URLSearchParams(), body: "{}" }),
      receiveCallback({ address: addressOf(secrets.url), query: new URLSearchParams(), body: "[" }),
      receiveCallback({ address: "x", query: new URLSearchParams(), body: "{}" }),
      receiveCallback({
        address: `${organization.publicId}.${"0".repeat(40)}`,
        query: new URLSearchParams(),
        body: "{}",
      }),
    ];
    for (const received of await Promise.all(refused)) expect(received).toEqual({ outcome: "refused" });
    expect(await eventsOf(app)).toEqual([]);
    expect(await eventsOf(other.app)).toEqual([]);
    expect(await subscriptionOf(app)).toMatchObject({ verifiedAt: null, lastEventAt: null });
  });
});
