import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { closeNotifications } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import { directoryCalls } from "@/lib/directory/sync/directory-calls";
import { runSync } from "@/lib/directory/sync/run-sync";
import { ticketPlace } from "@/lib/secrets/app-secret";
import { openSecret } from "@/lib/secrets/sealed-secrets";
import { readRun, toolsFor, treeOf } from "@/lib/testing/directory-sync";
import { makeOrganization, type TestMember } from "@/lib/testing/factories";
import type { AppRef } from "@/lib/tokens/app-ref";
import { callerOf } from "@/lib/tokens/caller-of";
import { keepToken } from "@/lib/tokens/keep-token";
import { type Keeper, makeKeeper } from "@/lib/tokens/keeper";
import { makeWay } from "@/lib/tokens/test-support/make-way";
import { storedToken } from "@/lib/tokens/test-support/stored-token";
import { type Simulator, startSimulator } from "@/simulator/start-simulator";
import { changeApp, connectApp, retestApp, tryConnection } from "./commands";
import { getApp } from "./queries";
import { replaceSecret, replaceTicket } from "./replace-secret";
import type { ConnectAppInput, CredentialsInput } from "./schema";

const [CORP, OTHER_CORP] = ["dingcorpofkinds", "dingothercorpofkinds"];
const SUITE_TOKEN = "v1.0/oauth2/corpAccessToken";

let simulator: Simulator;
let keeper: Keeper;
let addresses = 0;

beforeAll(async () => {
  simulator = await startSimulator({
    organizations: [
      { corpId: CORP, size: 12 },
      { corpId: OTHER_CORP, size: 3 },
    ],
    limits: { appApiPerSecond: null, suiteCorpApiPerSecond: null },
  });
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
});
afterAll(async () => {
  await simulator.close();
  await closeNotifications();
});
beforeEach(() => {
  keeper = makeKeeper(makeWay(simulator.url));
});

const makeAddress = () => `203.0.113.${++addresses}`;
const makeOwner = async (): Promise<TestMember> => (await makeOrganization()).owner;
const { signal } = new AbortController();

type Kind = "internal" | "unified" | "isv";
/** An app of its own in the simulator, as its credentials are typed. */
function makeCredentials(kind: Kind): CredentialsInput & { readonly key: string } {
  const id = crypto.randomUUID().slice(0, 8);
  const [key, secret, suiteTicket] = [`ding${id}`, `secret-of-${id}-xyz`, `ticket-of-${id}`];
  const isSuite = kind === "isv";
  const customers = isSuite ? [OTHER_CORP] : [];
  simulator.control.addApp({
    appKey: key,
    appSecret: secret,
    corpId: CORP,
    kind: isSuite ? "isv" : "internal",
    customers,
    suiteTicket,
  });
  if (kind === "internal") return { kind, appKey: key, appSecret: secret, key };
  if (kind === "unified") return { kind, appKey: key, appSecret: secret, corpId: CORP, key };
  return { kind, suiteKey: key, suiteSecret: secret, suiteTicket, corpId: CORP, key };
}

const inputOf = (credentials: CredentialsInput, more: { isDraft?: boolean; name?: string } = {}) =>
  ({
    corpId: null,
    name: "通讯录",
    agentId: null,
    isDraft: false,
    ...credentials,
    ...more,
  }) as ConnectAppInput;

const connect = (owner: TestMember, input: ConnectAppInput) =>
  connectApp(grant(owner, "app.connect"), input, makeAddress());

async function connected(owner: TestMember, input: ConnectAppInput): Promise<AppRef> {
  const outcome = await connect(owner, input);
  if (!outcome.ok) throw new Error(`set-up failed: ${outcome.error.code}`);
  return { organizationId: owner.organizationId, appId: outcome.value.appId };
}

const appOf = (owner: TestMember, { appId }: AppRef) => getApp(grant(owner, "app.read"), appId);
const failureOf = (test: { checks: readonly { name: string; fault: { kind: string } | null }[] }) =>
  test.checks.flatMap(({ name, fault }) => (fault ? [`${name}: ${fault.kind}`] : []));

/** Its token's time has come: one renewal, as its job makes it. */
async function renew(app: AppRef): Promise<void> {
  await inOrganization(app, (tx) =>
    tx.appToken.updateMany({ where: { organizationId: app.organizationId }, data: { renewAt: new Date(0) } }),
  );
  await keepToken(keeper, app, { for: "schedule" }, signal);
}

describe.each(["internal", "unified", "isv"] as const)("an app of kind %s", (kind) => {
  test("is connected, keeps its token by renewals, and syncs its directory", async () => {
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
      callsOf: async (ref) => directoryCalls(makeWay(simulator.url), await callerOf(ref, ref.appId, keeper)),
    });
    const runId = shown.activeRunId ?? "";
    await runSync({ ...app, runId }, signal, tools);
    expect(await readRun({ ...app, runId })).toMatchObject({ state: "succeeded" });
    expect((await treeOf(app)).size).toBe(simulator.control.listDepartments(CORP).length);
  });

  test("has its secret replaced by one that has worked, and by no other", async () => {
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

describe("S17 one organization", () => {
  test("can't connect an AppKey twice, as whichever of its kinds", async () => {
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
    await expect(take, "the database holds to it as well").rejects.toMatchObject({ code: "P2002" });
  });

  test("connects a SuiteKey once for each customer, and the database holds to it as well", async () => {
    const owner = await makeOwner();
    const suite = makeCredentials("isv");
    const first = await connected(owner, inputOf(suite));
    expect(await connect(owner, inputOf(suite))).toMatchObject({ error: { code: "duplicate" } });
    const second = await connected(owner, inputOf({ ...suite, corpId: OTHER_CORP } as CredentialsInput));
    const callers = [
      await callerOf(first, first.appId, keeper),
      await callerOf(second, second.appId, keeper),
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

  test("keeps the CorpId that an app was connected with, unless it is an internal one's", async () => {
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

describe("a connection test", () => {
  test.each<[string, Kind, Partial<Record<string, string | null>>, string, boolean]>([
    ["a wrong secret", "unified", { appSecret: "no" }, "credentials: client_refused", false],
    ["another corp", "unified", { corpId: "dingnobody" }, "credentials: organization_unauthorized", true],
    ["a wrong secret", "isv", { suiteSecret: "no" }, "credentials: suite_credentials_refused", false],
    ["a stale ticket", "isv", { suiteTicket: "older" }, "credentials: suite_ticket_stale", true],
    ["no ticket yet", "isv", { suiteTicket: null }, "credentials: suite_ticket_stale", true],
    ["another corp", "isv", { corpId: "dingnobody" }, "credentials: authorization_withdrawn", true],
  ])(
    "says of %s with kind %s what it is, and whether it may wait",
    async (_, kind, change, failure, draft) => {
      const credentials = { ...makeCredentials(kind), ...change } as CredentialsInput;
      const tested = await tryConnection(grant(await makeOwner(), "app.connect"), credentials, makeAddress());
      expect([failureOf(tested), tested.mayBeDraft]).toEqual([[failure], draft]);
      const [reach] = tested.checks;
      expect(reach?.status).toBe(change.suiteTicket === null ? "not_run" : "passed");
    },
  );

  test("S9 asks DingTalk once about a stale ticket, and once more about another one", async () => {
    const connectActor = grant(await makeOwner(), "app.connect");
    const suite = makeCredentials("isv");
    simulator.control.clearCalls();
    for (const suiteTicket of ["older", "older", "oldest"]) {
      await tryConnection(connectActor, { ...suite, suiteTicket } as CredentialsInput, makeAddress());
    }
    expect(simulator.control.readCalls({ path: SUITE_TOKEN }).total).toBe(2);
  });
});

describe("a suite ticket", () => {
  const paste = (owner: TestMember, { appId }: AppRef, suiteTicket: string) =>
    replaceTicket(grant(owner, "app.change"), appId, { suiteTicket }, makeAddress());

  test("may be missing at first; the one that is pasted makes the draft work, and starts its first sync", async () => {
    const owner = await makeOwner();
    const suite = makeCredentials("isv");
    const ticket = "suiteTicket" in suite ? (suite.suiteTicket ?? "") : "";
    const app = await connected(
      owner,
      inputOf({ ...suite, suiteTicket: null } as CredentialsInput, { isDraft: true }),
    );
    expect(await appOf(owner, app)).toMatchObject({
      state: "draft",
      suiteTicketAt: null,
      stateReason: { kind: "suite_ticket_stale" },
    });
    expect(await paste(owner, app, "not-the-ticket")).toMatchObject({ ok: false });
    expect((await appOf(owner, app)).suiteTicketAt).toBeNull();
    expect(await paste(owner, app, ticket)).toMatchObject({ ok: true, value: { isPassed: true } });
    const now = await appOf(owner, app);
    expect([now.state, now.suiteTicketAt, now.activeRunId]).toEqual([
      "verified",
      expect.any(Date),
      expect.any(String),
    ]);
  });

  test("that is stale makes the app degraded, and another one renews its token at once", async () => {
    const owner = await makeOwner();
    const suite = makeCredentials("isv");
    const app = await connected(owner, inputOf(suite));
    simulator.control.changeApp(suite.key, { suiteTicket: "the-next-ticket" });
    await renew(app);
    expect(await appOf(owner, app)).toMatchObject({
      state: "degraded",
      stateReason: { kind: "suite_ticket_stale", retry: "auto" },
    });

    const before = await storedToken(app);
    expect(await paste(owner, app, "the-next-ticket")).toMatchObject({ ok: true });
    const after = await storedToken(app);
    expect(after.version).toBe(before.version + 1);
    expect(after.last_error).toBeNull();
    expect((await appOf(owner, app)).state).toBe("verified");
  });

  test("S23 is sealed to its row and column, and the one before stays until the new one has worked", async () => {
    const owner = await makeOwner();
    const suite = makeCredentials("isv");
    const app = await connected(owner, inputOf(suite));
    const read = () =>
      inOrganization(app, (tx) =>
        tx.dingtalkApp.findUniqueOrThrow({
          where: { organizationId_id: { organizationId: app.organizationId, id: app.appId } },
        }),
      );
    const before = await read();
    await paste(owner, app, "not-the-ticket");
    const { sealedSuiteTicket: sealed, sealedSecret, suiteTicketAt } = await read();
    if (!sealed) throw new Error("no ticket was stored");
    expect([sealed, suiteTicketAt]).toEqual([before.sealedSuiteTicket, before.suiteTicketAt]);
    const place = ticketPlace(app.organizationId, app.appId);
    expect(openSecret(place, sealed).reveal()).toBe(`ticket-of-${suite.key.slice("ding".length)}`);
    expect(() => openSecret(place, sealedSecret)).toThrow();
    for (const elsewhere of [
      { ...place, column: "sealed_secret" },
      { ...place, row: crypto.randomUUID() },
      { ...place, organizationId: crypto.randomUUID() },
    ]) {
      expect(() => openSecret(elsewhere, sealed)).toThrow();
    }
  });

  test("is no other kind's, and no other organization's", async () => {
    const owner = await makeOwner();
    const internal = await connected(owner, inputOf(makeCredentials("internal")));
    await expect(paste(owner, internal, "x")).rejects.toMatchObject({ code: "conflict" });
    await expect(paste(await makeOwner(), internal, "x")).rejects.toMatchObject({ code: "not_found" });
  });

  test("an authorisation that was withdrawn is told from it", async () => {
    const owner = await makeOwner();
    const suite = makeCredentials("isv");
    const app = await connected(owner, inputOf(suite));
    simulator.control.changeApp(suite.key, { authorized: false });
    await renew(app);
    expect((await appOf(owner, app)).stateReason).toMatchObject({ kind: "authorization_withdrawn" });
  });
});
