import { describe, expect, test } from "vitest";
import { inOrganization } from "@/lib/db/unit-of-work";
import { getScopes } from "@/lib/dingtalk/contact-scope";
import { Redacted } from "@/lib/redacted";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { callerOf } from "../dingtalk-caller";
import { storedToken } from "../test-support/stored-token";
import { makePausedTokenService } from "../test-support/test-dingtalk";
import { discardToken } from "./discard-token";
import { ensureToken } from "./ensure-token";
import { CLAIM_MS } from "./renewal-policy";

const MINUTE = 60_000;

const { pair, simulator, makeDingtalk, newTokenService, tokenRequests } = tokenTests("keeptoken");

const revealed = (tokens: Redacted[]) => [...new Set(tokens.map((token) => token.reveal()))];

describe("ensureToken", () => {
  test("makes one request to DingTalk for 200 simultaneous callers of one process", async () => {
    const app = await makeApp(pair);
    const caller = await callerOf(app, app.appId, newTokenService());
    const tokens = await Promise.all(Array.from({ length: 200 }, () => caller.token.current()));

    expect(revealed(tokens)).toHaveLength(1);
    expect(tokenRequests()).toBe(1);
  });

  test("reads a stored token in another process, and stores it sealed", async () => {
    const app = await makeApp(pair);
    const first = await (await callerOf(app, app.appId, newTokenService())).token.current();
    const second = await (await callerOf(app, app.appId, newTokenService())).token.current();

    expect(second.reveal()).toBe(first.reveal());
    expect(tokenRequests()).toBe(1);
    const { sealed_token: sealed, version } = await storedToken(app);
    expect(sealed?.includes(first.reveal())).toBe(false);
    expect(version).toBe(1);
  });

  test("never returns an expired token, from memory or the database", async () => {
    const app = await makeApp(pair);
    const caller = await callerOf(app, app.appId, newTokenService());
    const first = await caller.token.current();
    simulator.control.advanceClock(120 * MINUTE);
    const second = await caller.token.current();

    expect(second.reveal()).not.toBe(first.reveal());
    expect(tokenRequests()).toBe(2);
  });

  test("keeps separate tokens for two organizations with the same AppKey", async () => {
    const service = newTokenService();
    const [mine, theirs] = [await makeApp(pair), await makeApp(pair)];
    await (await callerOf(mine, mine.appId, service)).token.current();
    await (await callerOf(theirs, theirs.appId, service)).token.current();
    expect(tokenRequests()).toBe(2);

    await inOrganization(mine, (tx) => discardToken(tx, mine.organizationId, mine.appId));
    expect((await storedToken(mine)).sealed_token).toBeNull();
    expect((await storedToken(theirs)).sealed_token).not.toBeNull();
  });

  test("throws not_found for an app of another organization, as for an unknown app", async () => {
    const service = newTokenService();
    const app = await makeApp(pair);
    const stranger = await makeOrganization();
    await (await callerOf(app, app.appId, service)).token.current();

    await expect(callerOf(stranger, app.appId, service)).rejects.toMatchObject({ code: "not_found" });
    await expect(callerOf(stranger, crypto.randomUUID(), service)).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(callerOf(app, "'; DROP TABLE", service)).rejects.toMatchObject({ code: "not_found" });
    const { signal } = new AbortController();
    const wrongWay = ensureToken(service, { ...stranger, appId: app.appId }, { for: "call" }, signal);
    await expect(wrongWay).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("replacing a token that DingTalk ended early", () => {
  test("replaces a token that DingTalk ended early with one request, and the failed call succeeds", async () => {
    const app = await makeApp(pair);
    const caller = await callerOf(app, app.appId, newTokenService());
    const dead = await caller.token.current();
    simulator.control.revokeTokens(pair.appKey);
    simulator.control.clearCalls();
    await getScopes(makeDingtalk(), caller);

    expect(tokenRequests()).toBe(1);
    expect((await caller.token.current()).reveal()).not.toBe(dead.reveal());
    expect(await storedToken(app)).toMatchObject({ version: 2 });
  });

  test("replaces the token once for ten failed calls in each of three processes", async () => {
    const app = await makeApp(pair);
    const callers = await Promise.all([1, 2, 3].map(() => callerOf(app, app.appId, newTokenService())));
    await Promise.all(callers.map((caller) => caller.token.current()));
    simulator.control.revokeTokens(pair.appKey);
    simulator.control.clearCalls();
    const calls = callers.flatMap((caller) =>
      Array.from({ length: 10 }, () => getScopes(makeDingtalk(), caller)),
    );
    await Promise.all(calls);

    expect(tokenRequests()).toBe(1);
  });

  test("does not replace the token again for a late report, which gets the successor", async () => {
    const app = await makeApp(pair);
    const caller = await callerOf(app, app.appId, newTokenService());
    const dead = await caller.token.current();
    simulator.control.revokeTokens(pair.appKey);
    const fresh = await caller.token.replace(dead);
    const late = await caller.token.replace(dead);
    const elsewhere = await (await callerOf(app, app.appId, newTokenService())).token.replace(dead);

    expect(revealed([fresh, late, elsewhere])).toEqual([fresh.reveal()]);
    expect(tokenRequests()).toBe(2);
  });

  test("makes one request for simultaneous reports if DingTalk returns the same token", async () => {
    const app = await makeApp(pair);
    const caller = await callerOf(app, app.appId, newTokenService());
    const token = await caller.token.current();
    simulator.control.clearCalls();
    const tokens = await Promise.all(Array.from({ length: 10 }, () => caller.token.replace(token)));

    expect(revealed(tokens)).toEqual([token.reveal()]);
    expect(tokenRequests()).toBe(1);
  });
});

describe("renewals in several processes", () => {
  test("a renewal stores nothing if another process has taken its claim over", async () => {
    simulator.control.setSettings({ repeatedFetch: "new" });
    const app = await makeApp(pair);
    const { service, claimed, release } = makePausedTokenService(makeDingtalk());
    const slow = (await callerOf(app, app.appId, service)).token.current();
    await claimed;
    simulator.control.advanceClock(CLAIM_MS);
    const quick = await (await callerOf(app, app.appId, newTokenService())).token.current();
    const stored = await storedToken(app);
    release();

    expect((await slow).reveal()).toBe(quick.reveal());
    expect(tokenRequests()).toBe(2);
    expect(await storedToken(app)).toEqual(stored);
  });

  test("a renewal stores nothing if the secret was replaced meanwhile", async () => {
    const app = await makeApp(pair);
    const { service, claimed, release } = makePausedTokenService(makeDingtalk());
    const slow = (await callerOf(app, app.appId, service)).token.current();
    await claimed;
    await inOrganization(app, (tx) => discardToken(tx, app.organizationId, app.appId));
    release();
    await slow;

    // The token of the old secret was not stored, so the current secret needed a second call.
    expect(tokenRequests()).toBe(2);
    expect(await storedToken(app)).toMatchObject({ version: 2 });
  });

  test("waiting processes share a renewal", async () => {
    const app = await makeApp(pair);
    const { service, claimed, release } = makePausedTokenService(makeDingtalk());
    const first = (await callerOf(app, app.appId, service)).token.current();
    await claimed;
    const caller = await callerOf(app, app.appId, newTokenService());
    const others = Array.from({ length: 20 }, () => caller.token.current());
    release();

    expect(revealed(await Promise.all([first, ...others]))).toHaveLength(1);
    expect(tokenRequests()).toBe(1);
  });

  test("a renewal continues when one of the waiting callers aborts", async () => {
    const app = await makeApp(pair);
    const { service, claimed, release } = makePausedTokenService(makeDingtalk());
    const caller = await callerOf(app, app.appId, service);
    const controller = new AbortController();
    const impatient = caller.token.current(controller.signal);
    const patient = caller.token.current();
    await claimed;
    controller.abort(new Error("enough"));

    await expect(impatient).rejects.toThrow("enough");
    release();
    expect(await patient).toBeInstanceOf(Redacted);
  });
});
