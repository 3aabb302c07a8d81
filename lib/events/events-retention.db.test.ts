import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { readEvent } from "@/lib/dingtalk/read-event";
import { setKeepsPersonal } from "@/lib/directory/personal/storage-setting";
import { openSecret } from "@/lib/secrets/sealed-secrets";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { pruneEvents } from "./prune-events";
import { payloadContext, storeEvents } from "./receive/store-events";
import { setUpSubscription } from "./subscription/set-up";
import { sweepEvents } from "./sweep-events";

async function makeWatched() {
  const { organizationId, owner } = await makeOrganization();
  const app = await makeApp(
    { appKey: `ding${crypto.randomUUID()}`, appSecret: "retention-secret" },
    { organizationId },
  );
  return { app, owner, setter: grant(owner, "organization.setPersonal") };
}

const CHANGED = {
  EventType: "user_modify_org",
  userId: ["person"],
  diffInfo: {
    prev: { name: "甲", telephone: "MARKED-PHONE", hiredDate: "MARKED-DATE", workPlace: "MARKED-PLACE" },
    curr: { name: "乙", org_email: "MARKED-MAIL" },
  },
  nested: JSON.stringify({ extension: { custom: "MARKED-EXTENSION" }, kept: 1 }),
};

const store = (app: AppRef, payload: object) =>
  inOrganizationSql(app, async (client) => {
    const read = readEvent(JSON.stringify(payload));
    if (!read.ok) throw new Error("the event is malformed");
    const events = [{ event: read.value, appId: app.appId, isLate: false }];
    await storeEvents(client, { ...app, subscriptionId: app.appId }, { events, source: "http" });
  });

const eventOf = ({ organizationId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.dingtalkEvent.findFirstOrThrow({ where: { organizationId } }),
  );

async function payloadOf(app: AppRef): Promise<string> {
  const { id, sealedPayload } = await eventOf(app);
  if (sealedPayload === null) throw new Error("the payload was erased");
  return openSecret(payloadContext(app.organizationId, id), sealedPayload).reveal();
}

describe("S33 personal values in events", () => {
  test("personal values are not stored unless the organization keeps them, wherever the payload contains them", async () => {
    const { app } = await makeWatched();
    await store(app, CHANGED);
    const text = await payloadOf(app);
    expect(text).not.toContain("MARKED");
    expect(JSON.parse(text)).toMatchObject({ diffInfo: { prev: { name: "甲" }, curr: { name: "乙" } } });
    expect(text).toContain('{\\"kept\\":1}');
  });

  test("personal values are stored if the organization keeps them, and erased when it stops", async () => {
    const { app, setter } = await makeWatched();
    await setKeepsPersonal(setter, true);
    await store(app, CHANGED);
    expect(await payloadOf(app)).toContain("MARKED-PHONE");
    await setKeepsPersonal(setter, false);
    expect(await eventOf(app)).toMatchObject({ sealedPayload: null, type: "user_modify_org" });
  });

  test("an event that was stored during the switch is erased by the next prune", async () => {
    const { app, setter } = await makeWatched();
    const { organizationId } = app;
    await setKeepsPersonal(setter, true);
    await store(app, CHANGED);
    await inOrganization(app, (tx) =>
      tx.organization.update({ where: { organizationId }, data: { keepsPersonal: false } }),
    );
    await pruneEvents(organizationId);
    expect(await eventOf(app)).toMatchObject({ sealedPayload: null, hasPersonal: false });
  });
});

test("credentials in events are never stored", async () => {
  const { app } = await makeWatched();
  await store(app, {
    EventType: "tmp_auth_code",
    AuthCode: "MARKED-CODE",
    biz_data: JSON.stringify({ suiteTicket: "MARKED-TICKET", permanentCode: "MARKED-PERMANENT" }),
  });
  expect(await payloadOf(app)).not.toContain("MARKED");
});

test("events are deleted after 30 days", async () => {
  const { app } = await makeWatched();
  const { organizationId } = app;
  await store(app, CHANGED);
  const { receivedAt } = await eventOf(app);
  const monthMs = 30 * 24 * 60 * 60_000;
  expect(await pruneEvents(organizationId, receivedAt.getTime() + monthMs)).toBe(0);
  expect(await pruneEvents(organizationId, receivedAt.getTime() + monthMs + 1)).toBe(1);
});

test("the subscription of a suite is deleted after its last app", async () => {
  const { app, owner } = await makeWatched();
  const { organizationId, appId } = app;
  await inOrganization(app, (tx) =>
    tx.dingtalkApp.updateMany({
      where: { organizationId, id: appId },
      data: { kind: "isv", appKey: "suite-of-tests", corpId: "dingsuitecorp" },
    }),
  );
  await setUpSubscription(grant(owner, "app.change"), appId, { token: null, aesKey: null });
  const subscriptions = () =>
    inOrganization(app, (tx) => tx.eventSubscription.findMany({ where: { organizationId } }));
  await pruneEvents(organizationId);
  expect(await subscriptions()).toMatchObject([{ appId: null, suiteKey: "suite-of-tests" }]);
  await inOrganization(app, (tx) => tx.dingtalkApp.deleteMany({ where: { organizationId, id: appId } }));
  await pruneEvents(organizationId);
  expect(await subscriptions()).toEqual([]);
});

test("a lost job of pending events is sent again", async () => {
  const { app } = await makeWatched();
  const { organizationId, appId } = app;
  await store(app, CHANGED);
  expect(await sweepEvents(organizationId)).toBe(0);
  await inOrganization(
    app,
    (tx) =>
      tx.$executeRaw`DELETE FROM pgboss.job WHERE name = 'event.process' AND data ->> 'appId' = ${appId}`,
  );
  expect(await sweepEvents(organizationId)).toBe(1);
  expect(await sweepEvents(organizationId)).toBe(0);
});
