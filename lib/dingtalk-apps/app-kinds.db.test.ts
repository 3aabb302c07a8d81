import { describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { directoryCalls } from "@/lib/directory/sync/read/directory-calls";
import { runSync } from "@/lib/directory/sync/run-sync";
import { readRun, toolsFor, treeOf } from "@/lib/testing/directory-sync";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { storedToken } from "@/lib/tokens/test-support/stored-token";
import { makeTestDingtalk } from "@/lib/tokens/test-support/test-dingtalk";
import { changeApp } from "./change-app";
import { tryConnection } from "./connect-app";
import { replaceSecret } from "./replace-secret";
import { retestApp } from "./retest-app";
import type { CredentialsInput } from "./schema";
import {
  appOf,
  CORP,
  connect,
  connected,
  inputOf,
  type Kind,
  kindTests,
  makeAddress,
  makeOwner,
  OTHER_CORP,
} from "./test-support/kinds";

const SUITE_TOKEN = "v1.0/oauth2/corpAccessToken";

const { simulator, service, makeCredentials, renew } = kindTests();
const { signal } = new AbortController();

const failureOf = (test: { checks: readonly { name: string; fault: { kind: string } | null }[] }) =>
  test.checks.flatMap(({ name, fault }) => (fault ? [`${name}: ${fault.kind}`] : []));

describe.each(["internal", "unified", "isv"] as const)("apps of kind %s", (kind) => {
  test("the app is connected, keeps its token by renewals, and syncs its directory", async () => {
    const owner = await makeOwner();
    const credentials = makeCredentials(kind);
    const app = await connected(owner, inputOf(credentials));
    const shown = await appOf(owner, app);
    expect(shown).toMatchObject({ kind, appKey: credentials.key, state: "verified" });
    expect(shown.corpId).toBe(kind === "internal" ? null : CORP);
    expect(shown.suiteTicketAt !== null).toBe(kind === "isv");

    const { obtained_at: before } = await storedToken(app);
    await renew(app);
    const after = await storedToken(app);
    expect([after.last_error, after.obtained_at]).not.toEqual([null, before]);
    expect(after.last_error).toBeNull();

    const tools = toolsFor(simulator, {
      callsOf: async (ref) =>
        directoryCalls(makeTestDingtalk(simulator.url), await callerOf(ref, ref.appId, service())),
    });
    const runId = shown.activeRunId ?? "";
    await runSync({ ...app, runId }, signal, tools);
    expect(await readRun({ ...app, runId })).toMatchObject({ state: "succeeded" });
    expect((await treeOf(app)).size).toBe(simulator.control.listDepartments(CORP).length);
  });

  test("the app gets a new secret only if DingTalk accepts the secret", async () => {
    const owner = await makeOwner();
    const credentials = makeCredentials(kind);
    const app = await connected(owner, inputOf(credentials));
    const actor = grant(owner, "app.change");
    const replace = (appSecret: string) => replaceSecret(actor, app.appId, { appSecret }, makeAddress());
    expect(await replace("not-the-new-one")).toMatchObject({ ok: false });
    const appSecret = `another-secret-${credentials.key}-uvw`;
    simulator.control.changeApp(credentials.key, { appSecret });
    expect(await replace(appSecret)).toMatchObject({ ok: true, value: { isPassed: true } });
    expect((await appOf(owner, app)).secretTail).toBe(appSecret.slice(-4));
    expect(await retestApp(actor, app.appId, makeAddress())).toMatchObject({ isPassed: true });
  });
});

describe("S17 apps of one organization", () => {
  test("an organization can't connect an AppKey twice, even as another kind of app", async () => {
    const owner = await makeOwner();
    const internal = makeCredentials("internal");
    await connected(owner, inputOf(internal, { name: "第一个" }));
    const duplicate = { ok: false, error: { code: "duplicate", name: "第一个" } };
    expect(await connect(owner, inputOf(internal))).toEqual(duplicate);
    const asUnified = { ...internal, kind: "unified", corpId: CORP } as CredentialsInput;
    expect(await connect(owner, inputOf(asUnified))).toEqual(duplicate);

    const other = await makeOwner();
    await connected(other, inputOf(asUnified, { name: "第一个" }));
    expect(await connect(other, inputOf(internal))).toEqual(duplicate);

    const second = await connected(owner, inputOf(makeCredentials("internal")));
    const take = inOrganization(owner, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId: owner.organizationId, id: second.appId },
        data: { appKey: internal.key },
      }),
    );
    await expect(take, "the database refuses it as well").rejects.toMatchObject({ code: "P2002" });
  });

  test("an organization can connect a SuiteKey once per customer, which the database enforces as well", async () => {
    const owner = await makeOwner();
    const suite = makeCredentials("isv");
    const first = await connected(owner, inputOf(suite));
    expect(await connect(owner, inputOf(suite))).toMatchObject({ error: { code: "duplicate" } });
    const second = await connected(owner, inputOf({ ...suite, corpId: OTHER_CORP } as CredentialsInput));
    const callers = [
      await callerOf(first, first.appId, service()),
      await callerOf(second, second.appId, service()),
    ];
    expect(callers.map(({ limiterId }) => limiterId)).toEqual([
      `${suite.key} ${CORP}`,
      `${suite.key} ${OTHER_CORP}`,
    ]);

    const move = inOrganization(owner, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId: owner.organizationId, id: second.appId },
        data: { corpId: CORP },
      }),
    );
    await expect(move).rejects.toMatchObject({ code: "P2002" });
  });

  test("an organization can change the CorpId of an internal app only", async () => {
    const owner = await makeOwner();
    const change = { name: "改名", corpId: OTHER_CORP, agentId: null, syncEveryHours: 6 };
    const apps = [
      await connected(owner, inputOf(makeCredentials("internal"))),
      await connected(owner, inputOf(makeCredentials("unified"))),
      await connected(owner, inputOf(makeCredentials("isv"))),
    ];
    for (const { appId } of apps) await changeApp(grant(owner, "app.change"), appId, change);
    const now = await Promise.all(apps.map((app) => appOf(owner, app)));
    expect(now.map(({ name, corpId }) => [name, corpId])).toEqual([
      ["改名", OTHER_CORP],
      ["改名", CORP],
      ["改名", CORP],
    ]);
  });
});

describe("tryConnection", () => {
  test.each<[string, Kind, Partial<Record<string, string | null>>, string, boolean]>([
    ["a wrong secret", "unified", { appSecret: "no" }, "credentials: client_refused", false],
    ["another corp", "unified", { corpId: "dingnobody" }, "credentials: organization_unauthorized", true],
    ["a wrong secret", "isv", { suiteSecret: "no" }, "credentials: suite_credentials_refused", false],
    ["a stale ticket", "isv", { suiteTicket: "older" }, "credentials: suite_ticket_stale", true],
    ["no ticket yet", "isv", { suiteTicket: null }, "credentials: suite_ticket_stale", true],
    ["another corp", "isv", { corpId: "dingnobody" }, "credentials: authorization_withdrawn", true],
  ])("reports %s of kind %s, and whether a draft is allowed", async (_, kind, change, failure, draft) => {
    const credentials = { ...makeCredentials(kind), ...change } as CredentialsInput;
    const tested = await tryConnection(grant(await makeOwner(), "app.connect"), credentials, makeAddress());
    if (!tested.ok) throw new Error(tested.error.code);
    expect([failureOf(tested.value), tested.value.mayBeDraft]).toEqual([[failure], draft]);
    const [reach] = tested.value.checks;
    expect(reach?.status).toBe(change.suiteTicket === null ? "not_run" : "passed");
  });

  test("S9 calls DingTalk once per stale ticket", async () => {
    const connectActor = grant(await makeOwner(), "app.connect");
    const suite = makeCredentials("isv");
    simulator.control.clearCalls();
    for (const suiteTicket of ["older", "older", "oldest"]) {
      await tryConnection(connectActor, { ...suite, suiteTicket } as CredentialsInput, makeAddress());
    }
    expect(simulator.control.readCalls({ path: SUITE_TOKEN }).total).toBe(2);
  });
});
