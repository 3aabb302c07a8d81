import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { type Actor, grantToKey } from "@/lib/auth/actor";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { jsapiUrlOf, signJsapi } from "@/lib/dingtalk/jsapi-signature";
import { Redacted } from "@/lib/redacted";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { openToken } from "@/lib/tokens/store/stored-token";
import { type PageToSign, signForJsapi } from "./sign-for-jsapi";
import { makeTicketService, TICKET_TABLE, type TicketService } from "./ticket-service";

const HOUR = 3_600_000;
const PAGE: PageToSign = { url: "https://oa.example.com/leave?day=%E5%91%A8%E4%B8%80#/top", hash: "sha256" };
const FIELDS = { corpId: "dingpagecorp", agentId: "4242424242" };

const { pair, simulator, makeDingtalk } = tokenTests("signing", { clock: "frozen" });

const newTokenService = () => makeTicketService(makeDingtalk());
const signerOf = ({ organizationId }: { organizationId: string }): Actor<"jsapi.sign"> =>
  grantToKey({ organizationId, keyId: crypto.randomUUID(), scopes: new Set(["jsapi:sign"]) }, "jsapi:sign");
const sign = (service: TicketService, app: AppRef, page: Partial<PageToSign> = {}) =>
  signForJsapi(signerOf(app), app.appId, { ...PAGE, ...page }, { service });
const ticketRequests = () => simulator.control.readCalls({ path: "v1.0/oauth2/jsapiTickets" }).total;

async function makePageApp(fields: Record<string, unknown> = {}): Promise<AppRef> {
  const app = await makeApp(pair);
  const { organizationId, appId: id } = app;
  const data = { ...FIELDS, ...fields };
  await inOrganization(app, (tx) => tx.dingtalkApp.updateMany({ where: { organizationId, id }, data }));
  return app;
}

type TicketRow = { sealed_ticket: Buffer; expires_at: Date; changed_at: Date; version: number };

async function ticketOf(app: AppRef) {
  const { rows } = await inOrganizationSql(app, (client) =>
    client.query<TicketRow>("SELECT * FROM jsapi_ticket WHERE organization_id = $1 AND app_id = $2", [
      app.organizationId,
      app.appId,
    ]),
  );
  return rows[0] as TicketRow;
}

describe("signForJsapi", () => {
  test("returns the signature of DingTalk's own client for the same page, ticket, time and nonce", async () => {
    const app = await makePageApp();
    const config = await sign(newTokenService(), app, { hash: "sha1" });
    const Client: new (
      options: object,
    ) => {
      client: { getJSApiConfig(url: string, fields: object): Promise<{ signature: string }> };
    } = createRequire(import.meta.url)("node-dingtalk");
    const { client } = new Client({
      host: simulator.url,
      corpid: "dingsigningcorp",
      corpsecret: pair.appSecret,
    });
    const theirs = await client.getJSApiConfig(PAGE.url, {
      noncestr: config.nonceStr,
      timestamp: config.timeStamp,
    });

    expect(config).toMatchObject({ corpId: "dingpagecorp", agentId: "4242424242" });
    expect(config.signature).toBe(theirs.signature);
  });

  test("signs each page with SHA-256 and the stored ticket", async () => {
    const app = await makePageApp();
    const service = newTokenService();
    const { timeStamp, nonceStr, signature } = await sign(service, app);
    const ticket = openToken(app, (await ticketOf(app)).sealed_ticket, TICKET_TABLE) as Redacted;
    const page = { timeStamp, nonceStr, url: jsapiUrlOf(new URL(PAGE.url)) };

    expect(signature).toBe(signJsapi(ticket, page, "sha256"));
    expect(signature).toMatch(/^[0-9a-f]{64}$/);
    expect((await sign(service, app)).nonceStr).not.toBe(nonceStr);
  });

  test.each(["corpId", "agentId"] as const)("throws a conflict that names the missing %s", async (field) => {
    const app = await makePageApp({ [field]: null });

    await expect(sign(newTokenService(), app)).rejects.toMatchObject({ code: "conflict", detail: field });
    expect(ticketRequests()).toBe(0);
  });

  test.each([
    ["http://oa.example.com/", "invalid_input", "url"],
    ["//oa.example.com/", "invalid_input", "url"],
    ["javascript:alert(1)", "invalid_input", "url"],
    ["https://evil.example.com/", "forbidden", "jsapiOrigins"],
    ["https://oa.example.com:8443/", "forbidden", "jsapiOrigins"],
    ["https://oa.example.com.evil.example/", "forbidden", "jsapiOrigins"],
    ["https://oa.example.com@evil.example/", "forbidden", "jsapiOrigins"],
  ])("refuses the URL %s with the code %s for the field %s", async (url, code, detail) => {
    const app = await makePageApp({ jsapiOrigins: ["https://oa.example.com"] });

    await expect(sign(newTokenService(), app, { url })).rejects.toMatchObject({ code, detail });
    await sign(newTokenService(), app);
  });

  test("S13 throws not_found for an app of another organization", async () => {
    const app = await makePageApp();
    const stranger = signerOf(await makeOrganization());

    await expect(
      signForJsapi(stranger, app.appId, PAGE, { service: newTokenService() }),
    ).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("JSAPI tickets", () => {
  test("requests a ticket once for all processes and readers, and stores it sealed", async () => {
    const app = await makePageApp();
    const services = [newTokenService(), newTokenService(), newTokenService()];
    await Promise.all(services.flatMap((service) => Array.from({ length: 20 }, () => sign(service, app))));

    expect(ticketRequests()).toBe(1);
    expect(simulator.control.readCalls({ path: "v1.0/oauth2/accessToken" }).total).toBe(1);
  });

  test("S23 a sealed ticket can't be opened in another row", async () => {
    const app = await makePageApp();
    await sign(newTokenService(), app);
    const { sealed_ticket: sealed } = await ticketOf(app);
    const other = { ...app, appId: crypto.randomUUID() };

    expect(openToken(app, sealed, TICKET_TABLE)).toBeInstanceOf(Redacted);
    expect(openToken(other, sealed, TICKET_TABLE)).toBeNull();
    expect(openToken(app, sealed)).toBeNull();
  });

  test.each(["extended", "remaining"] as const)(
    "a ticket expires at most a day after its first receipt, whatever life DingTalk states: %s",
    async (repeatedFetch) => {
      simulator.control.setSettings({ repeatedFetch });
      const service = newTokenService();
      const app = await makePageApp();
      await sign(service, app);
      const first = await ticketOf(app);
      const ends: number[] = [];
      for (let hour = 0; hour < 26; hour += 1) {
        await sign(service, app);
        const { changed_at: changedAt, expires_at: expiresAt } = await ticketOf(app);
        ends.push(expiresAt.getTime() - changedAt.getTime());
        simulator.control.advanceClock(HOUR);
      }

      expect(Math.max(...ends)).toBeLessThanOrEqual(24 * HOUR);
      expect((await ticketOf(app)).changed_at).not.toEqual(first.changed_at);
      expect(ticketRequests()).toBeLessThanOrEqual(27);
    },
  );

  test("requests a refused ticket again after a pause, not for every page", async () => {
    const service = newTokenService();
    const app = await makePageApp();
    const fault = {
      kind: "status",
      status: 403,
      code: "Forbidden.AccessDenied.AccessTokenPermissionDenied",
    } as const;
    simulator.control.addFault({ path: "v1.0/oauth2/jsapiTickets", fault });
    for (let tries = 0; tries < 3; tries += 1) {
      await expect(sign(service, app)).rejects.toMatchObject({ kind: "missing_permission" });
    }
    expect(ticketRequests()).toBe(1);
    simulator.control.clearFaults();
    simulator.control.advanceClock(HOUR);

    await sign(service, app);
    expect(ticketRequests()).toBe(2);
  });
});
