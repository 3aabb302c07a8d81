import { describe, expect, test } from "vitest";
import { recordFailure, recordSuccess } from "@/lib/app-health/app-state";
import type { AppRef } from "@/lib/app-ref";
import { type Caller, grant } from "@/lib/auth/actor";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { disableApp } from "@/lib/dingtalk-apps/enable-disable-app";
import { addMember, makeApp, makeOrganization, type TestMember } from "@/lib/testing/factories";
import { markNoticesSeen } from "./commands";
import { pruneNotices } from "./prune-notices";
import { listNotices, stampNotices } from "./queries";

const START = Date.UTC(2026, 10, 27, 8);
const MINUTE = 60_000;
const at = (minutes: number) => new Date(START + minutes * MINUTE);
const reader = (caller: Caller) => grant(caller, "app.read");
const pair = () => ({ appKey: `ding${crypto.randomUUID()}`, appSecret: "notices-secret" });

async function makeWatched() {
  const organization = await makeOrganization();
  const app = await makeApp(pair(), { organizationId: organization.organizationId });
  return { organization, owner: organization.owner, app };
}

const failWith = (app: AppRef, kind: DingtalkErrorKind, when: Date) =>
  inOrganizationSql(app, (client) => {
    const error = new DingtalkError({ kind, api: "gettoken", upstream: { host: "h" } });
    return recordFailure(client, app, error, { at: when });
  });
const works = (app: AppRef, when: Date) =>
  inOrganizationSql(app, (client) => recordSuccess(client, app, "worked", when));
const list = (caller: TestMember) => listNotices(reader(caller));

describe("notices", () => {
  test("creates one notice for a continuing failure, which ends when the app recovers", async () => {
    const { owner, app } = await makeWatched();
    for (const minute of [0, 1, 2]) await failWith(app, "temporary_fault", at(minute));
    expect(await list(owner)).toMatchObject([
      {
        appId: app.appId,
        state: "degraded",
        since: at(0),
        endedAt: null,
        reason: { kind: "temporary_fault" },
      },
    ]);
    await works(app, at(5));

    expect(await list(owner)).toMatchObject([{ since: at(0), endedAt: at(5) }]);
  });

  test("another notice replaces the first when the state gets worse", async () => {
    const { owner, app } = await makeWatched();
    await failWith(app, "temporary_fault", at(0));
    await failWith(app, "credentials_refused", at(1));

    expect(await list(owner)).toMatchObject([
      { state: "broken", since: at(1), endedAt: null },
      { state: "degraded", since: at(0), endedAt: at(1) },
    ]);
  });

  test("a notice ends when the app is disabled", async () => {
    const { owner, app } = await makeWatched();
    await failWith(app, "credentials_refused", at(0));
    await disableApp(grant(owner, "app.change"), app.appId);

    expect((await list(owner))[0]?.endedAt).toBeInstanceOf(Date);
  });

  test("marks a notice as seen per user", async () => {
    const { organization, owner, app } = await makeWatched();
    const viewer = await addMember(organization, "viewer");
    await failWith(app, "temporary_fault", at(0));
    const [notice] = await list(owner);
    await markNoticesSeen(reader(owner), notice?.id ?? null);
    await markNoticesSeen(reader(owner), notice?.id ?? null);
    expect(await list(owner)).toMatchObject([{ isSeen: true }]);
    expect(await list(viewer)).toMatchObject([{ isSeen: false }]);
    await works(app, at(1));
    await failWith(app, "temporary_fault", at(2));

    expect((await list(owner)).map(({ isSeen }) => isSeen)).toEqual([false, true]);
    await markNoticesSeen(reader(viewer), null);
    expect((await list(viewer)).map(({ isSeen }) => isSeen)).toEqual([true, true]);
  });

  test("a notice changes the stamp only of users whose list changes", async () => {
    const { organization, owner, app } = await makeWatched();
    const viewer = await addMember(organization, "viewer");
    const stamps = () => Promise.all([owner, viewer].map((who) => stampNotices(reader(who))));
    const none = await stamps();
    await failWith(app, "temporary_fault", at(0));
    const [owners, viewers] = await stamps();
    expect(owners).not.toBe(none[0]);
    await markNoticesSeen(reader(owner), null);
    const after = await stamps();
    expect(after[0]).not.toBe(owners);
    expect(after[1]).toBe(viewers);
    await works(app, at(1));

    expect((await stamps())[1]).not.toBe(viewers);
  });

  test("deletes a notice 30 days after its end, and keeps a current one", async () => {
    const { owner, app } = await makeWatched();
    const { organizationId } = app;
    const other = await makeApp(pair(), { organizationId });
    for (const each of [app, other]) await failWith(each, "temporary_fault", at(0));
    await works(app, at(1));
    await markNoticesSeen(reader(owner), null);
    const monthMs = 30 * 24 * 60 * MINUTE;
    expect(await pruneNotices(organizationId, at(1).getTime() + monthMs)).toBe(0);
    expect(await pruneNotices(organizationId, at(1).getTime() + monthMs + 1)).toBe(1);

    expect(await list(owner)).toMatchObject([{ appId: other.appId, endedAt: null }]);
    expect(await inOrganization(app, (tx) => tx.noticeSeen.count({ where: { organizationId } }))).toBe(1);
  });

  test("S12 a notice can't be read or marked from another organization", async () => {
    const { owner, app } = await makeWatched();
    const attacker = await makeWatched();
    await failWith(app, "temporary_fault", at(0));
    const [notice] = await list(owner);
    await markNoticesSeen(reader(attacker.owner), notice?.id ?? "");
    await markNoticesSeen(reader(attacker.owner), null);

    expect(await list(attacker.owner)).toEqual([]);
    expect(await list(owner)).toMatchObject([{ isSeen: false }]);
    const { organizationId } = attacker.app;
    expect(
      await inOrganization(attacker.app, (tx) => tx.noticeSeen.count({ where: { organizationId } })),
    ).toBe(0);
  });
});
