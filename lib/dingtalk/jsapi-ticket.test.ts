import { describe, expect, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import { jsapiUrlOf, signJsapi } from "./jsapi-signature";
import { requestJsapiTicket } from "./jsapi-ticket";
import type { Limiter, Turn } from "./limiter";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { deadUrl, type Reply, startHost } from "./test-support/servers";

const ticket: Reply = { json: { jsapiTicket: "ticket-1", expireIn: 7200 } };
const legacyTicket: Reply = { json: { errcode: 0, errmsg: "ok", ticket: "ticket-2", expires_in: 3600 } };

describe("requestJsapiTicket", () => {
  test("requests the ticket from the new host, with the token in a header", async () => {
    const api = await startHost(ticket);
    const { dingtalk } = makeDingtalk({ url: api.url });
    const given = await requestJsapiTicket(dingtalk, makeCaller("t-1").caller);

    expect(given.token.reveal()).toBe("ticket-1");
    expect(given.expiresAt).toEqual(new Date("2026-01-01T02:00:00Z"));
    expect(api.received[0]).toMatchObject({
      method: "POST",
      url: "/v1.0/oauth2/jsapiTickets",
      headers: { "x-acs-dingtalk-access-token": "t-1" },
    });
    expect(JSON.stringify(given)).not.toContain("ticket-1");
  });

  test("waits for a turn under the caller's limiter id and rate", async () => {
    const turns: Turn[] = [];
    const limiter: Limiter = { take: async (turn) => void turns.push(turn), penalize: () => {} };
    const api = await startHost({ status: 404, json: { code: "InvalidAction.NotFound" } }, legacyTicket);
    const { dingtalk } = makeDingtalk({ url: api.url, limiter });
    const limits = { limiterId: "suite of dingcorp", callsPerSecond: 40 };
    await requestJsapiTicket(dingtalk, { ...makeCaller("t-1").caller, ...limits });

    expect(turns).toMatchObject([limits, limits]);
  });

  test("asks the older host if the new one can't be reached", async () => {
    const oapi = await startHost(legacyTicket);
    const { dingtalk } = makeDingtalk({ apiUrl: await deadUrl(), oapiUrl: oapi.url, triesMax: 1 });
    const given = await requestJsapiTicket(dingtalk, makeCaller("t-1").caller);

    expect(given.token.reveal()).toBe("ticket-2");
    expect(oapi.received[0]?.url).toBe("/get_jsapi_ticket?type=jsapi&access_token=t-1");
  });

  test("does not ask the older host if the new one refuses", async () => {
    const api = await startHost({
      status: 403,
      json: { code: "Forbidden.AccessDenied.AccessTokenPermissionDenied", message: "no" },
    });
    const oapi = await startHost(legacyTicket);
    const { dingtalk } = makeDingtalk({ apiUrl: api.url, oapiUrl: oapi.url });
    const refused = await refusalOf(requestJsapiTicket(dingtalk, makeCaller("t-1").caller));

    expect(refused.kind).toBe("missing_permission");
    expect(oapi.received).toEqual([]);
  });

  test.each([[{}], [{ expireIn: 0 }], [{ expireIn: 900_000 }]])(
    "uses the documented two hours for the lifetime %o",
    async (lifetime) => {
      const api = await startHost({ json: { jsapiTicket: "ticket-1", ...lifetime } });
      const { dingtalk } = makeDingtalk({ url: api.url });
      const given = await requestJsapiTicket(dingtalk, makeCaller("t-1").caller);

      expect(given.expiresAt).toEqual(new Date("2026-01-01T02:00:00Z"));
    },
  );
});

describe("signJsapi", () => {
  /** @see docs/dingtalk/jsapi-tickets.md#test-vector */
  const vector = {
    ticket: "gUsHOoPPzLVZKVkClnESg88m7qMV4c0Ys9VGsMigqzZU7gA8PeoNzHODmYPZ85TYuoZryXuqEUFlXLN1OPEixm",
    page: {
      nonceStr: "abcde12345",
      timeStamp: 1_463_125_744,
      url: "http://test4.weixin.wtoip.com:80/wtoip/dingding/dzmp",
    },
    sha1: "d14dfc1d0d98cad2438e664723e8a9d8633b443f",
    sha256: "06db718d460dde9fba6788934c0f994abf83a79dd019b7d98e66a3e0b7e5a5b9",
  };

  test.each(["sha1", "sha256"] as const)("returns the known signature with %s", (hash) => {
    expect(signJsapi(new Redacted(vector.ticket), vector.page, hash)).toBe(vector[hash]);
  });

  test.each([
    ["https://a.example/p?x=%E4%BD%A0&y=a%2Fb+c#/route", "https://a.example/p?x=你&y=a/b c"],
    ["https://A.example:443/p/", "https://a.example/p/"],
    ["https://a.example:8443", "https://a.example:8443/"],
    ["https://a.example/p?x=%", "https://a.example/p?x=%"],
    ["https://a.example/a%2Fb?", "https://a.example/a%2Fb"],
  ])("signs the page %s as %s", (page, url) => {
    expect(jsapiUrlOf(new URL(page))).toBe(url);
  });
});
