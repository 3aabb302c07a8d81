import { describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { ticketContext } from "@/lib/secrets/app-secret";
import { openSecret } from "@/lib/secrets/sealed-secrets";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { setUpSubscription } from "../subscription/set-up";
import { eventsOf, push } from "./test-support/push";

const SUITE = "suite-of-events";

/** Makes two apps of one suite, in two DingTalk organizations, with their shared subscription. */
async function makeSuite() {
  const { organizationId, owner } = await makeOrganization();
  const makeSuiteApp = async (corpId: string) => {
    const app = await makeApp(
      { appKey: crypto.randomUUID(), appSecret: "suite-app-secret" },
      { organizationId },
    );
    await inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId, id: app.appId },
        data: { kind: "isv", appKey: SUITE, corpId },
      }),
    );
    return app;
  };
  const apps = [await makeSuiteApp("dingcorp1"), await makeSuiteApp("dingcorp2")] as const;
  const actor = grant(owner, "app.change");
  const secrets = await setUpSubscription(actor, apps[0].appId, { token: null, aesKey: null });
  return { organizationId, apps, actor, secrets };
}

/** Returns the tickets of the suite's apps. */
async function ticketsOf(organizationId: string): Promise<(string | null)[]> {
  const rows = await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.findMany({ where: { organizationId }, orderBy: { id: "asc" } }),
  );
  return rows.map(
    ({ id, sealedSuiteTicket }) =>
      sealedSuiteTicket && openSecret(ticketContext(organizationId, id), sealedSuiteTicket).reveal(),
  );
}

describe("callbacks of a suite", () => {
  test("all apps of a suite share one subscription", async () => {
    const { organizationId, apps, actor } = await makeSuite();
    await setUpSubscription(actor, apps[1].appId, { token: null, aesKey: null });
    const subscriptions = await inOrganization({ organizationId }, (tx) =>
      tx.eventSubscription.findMany({ where: { organizationId } }),
    );
    expect(subscriptions).toMatchObject([{ suiteKey: SUITE, appId: null }]);
  });

  test("a suite ticket reaches every app of the suite, and an older one changes nothing", async () => {
    const { organizationId, secrets } = await makeSuite();
    const ticket = (SuiteTicket: string, TimeStamp: number) =>
      push(secrets, {
        message: { EventType: "suite_ticket", SuiteKey: SUITE, SuiteTicket, TimeStamp },
        ownerKey: SUITE,
      });
    expect(await ticket("ticket-2", Date.now() - 1_000)).toMatchObject({ outcome: "stored" });
    expect(await ticketsOf(organizationId)).toEqual(["ticket-2", "ticket-2"]);
    await ticket("ticket-1", Date.now() - 60_000);
    expect(await ticketsOf(organizationId)).toEqual(["ticket-2", "ticket-2"]);
    await ticket("ticket-3", Date.now());
    expect(await ticketsOf(organizationId)).toEqual(["ticket-3", "ticket-3"]);
  });

  test("an event is for the app of its organization", async () => {
    const { organizationId, apps, secrets } = await makeSuite();
    for (const CorpId of ["dingcorp2", "dingcorp1", "unknown"]) {
      const message = { EventType: "user_modify_org", CorpId, userId: ["u"], eventId: CorpId };
      await push(secrets, { message, ownerKey: SUITE });
    }
    const events = await eventsOf({ organizationId });
    expect(events.map(({ appId, state }) => [appId, state])).toEqual([
      [apps[1].appId, "pending"],
      [apps[0].appId, "pending"],
      [null, "stored"],
    ]);
  });

  test("a SyncHTTP push stores the newest state of each object, and its suite ticket", async () => {
    const { organizationId, apps, secrets } = await makeSuite();
    const send = (...bizData: readonly object[]) =>
      push(secrets, { message: { EventType: "SYNC_HTTP_PUSH_HIGH", bizData }, ownerKey: SUITE });
    const base = { subscribe_id: `${SUITE}_0`, corp_id: "dingcorp1" };
    const member = (gmt_modified: number, syncAction: string) => ({
      ...base,
      biz_type: 13,
      biz_id: "u1",
      gmt_modified,
      biz_data: JSON.stringify({ syncAction }),
    });
    const ticket = {
      ...base,
      biz_type: 2,
      biz_id: SUITE,
      gmt_modified: Date.now(),
      biz_data: '{"syncAction":"suite_ticket","suiteTicket":"pushed-ticket"}',
    };
    expect(await send(member(2_000, "user_modify_org"), ticket)).toMatchObject({ outcome: "stored" });
    expect(await ticketsOf(organizationId)).toEqual(["pushed-ticket", "pushed-ticket"]);
    expect(await send(member(1_000, "user_add_org"))).toMatchObject({ outcome: "duplicate" });
    expect(await send(member(3_000, "user_leave_org"))).toMatchObject({ outcome: "stored" });
    const events = await eventsOf({ organizationId });
    expect(events.filter(({ userIds }) => userIds.length > 0)).toMatchObject([
      { type: "user_leave_org", source: "sync_http", appId: apps[0].appId, userIds: ["u1"] },
    ]);
  });
});
