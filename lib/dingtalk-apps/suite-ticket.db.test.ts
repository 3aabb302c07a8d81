import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { ticketContext } from "@/lib/secrets/app-secret";
import { openSecret } from "@/lib/secrets/sealed-secrets";
import type { TestMember } from "@/lib/testing/factories";
import { storedToken } from "@/lib/tokens/test-support/stored-token";
import { replaceTicket } from "./replace-secret";
import type { CredentialsInput } from "./schema";
import { appOf, connected, inputOf, kindTests, makeAddress, makeOwner } from "./test-support/kinds";

const { simulator, makeCredentials, renew } = kindTests();

describe("suite tickets", () => {
  const paste = (owner: TestMember, { appId }: AppRef, suiteTicket: string) =>
    replaceTicket(grant(owner, "app.change"), appId, { suiteTicket }, makeAddress());

  test("a ticket may be missing at first; pasting it verifies the draft and starts the first sync", async () => {
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

  test("a stale ticket degrades the app, and replacing it renews the token at once", async () => {
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

  test("S23 a ticket is sealed to its row and column, and only one that DingTalk accepts replaces it", async () => {
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
    const context = ticketContext(app.organizationId, app.appId);
    expect(openSecret(context, sealed).reveal()).toBe(`ticket-of-${suite.key.slice("ding".length)}`);
    expect(() => openSecret(context, sealedSecret)).toThrow();
    for (const elsewhere of [
      { ...context, column: "sealed_secret" },
      { ...context, row: crypto.randomUUID() },
      { ...context, organizationId: crypto.randomUUID() },
    ]) {
      expect(() => openSecret(elsewhere, sealed)).toThrow();
    }
  });

  test("rejects a ticket for another kind of app or another organization's app", async () => {
    const owner = await makeOwner();
    const internal = await connected(owner, inputOf(makeCredentials("internal")));
    await expect(paste(owner, internal, "x")).rejects.toMatchObject({ code: "conflict" });
    await expect(paste(await makeOwner(), internal, "x")).rejects.toMatchObject({ code: "not_found" });
  });

  test("distinguishes a stale ticket from a withdrawn authorization", async () => {
    const owner = await makeOwner();
    const suite = makeCredentials("isv");
    const app = await connected(owner, inputOf(suite));
    simulator.control.changeApp(suite.key, { authorized: false });
    await renew(app);
    expect((await appOf(owner, app)).stateReason).toMatchObject({ kind: "authorization_withdrawn" });
  });
});
