import { describe, expect, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import type { Credentials } from "./credentials";
import type { Turn } from "./limiter";
import { signSuite } from "./suite-signature";
import { freeLimiter, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { deadUrl, type Reply, startHost } from "./test-support/servers";
import { requestAccessTokenWithFallback } from "./tokens";

const secret = "s3cret-of/the+suite=";
const ticket = "t1cket/of+the=suite";
const unified = {
  kind: "unified",
  appKey: "dingabc",
  appSecret: new Redacted(secret),
  corpId: "ding1234",
} as const satisfies Credentials;
const suite = {
  kind: "isv",
  suiteKey: "suiteabc",
  suiteSecret: new Redacted(secret),
  suiteTicket: new Redacted(ticket),
  corpId: "ding1234",
} as const satisfies Credentials;

const unifiedToken: Reply = { json: { access_token: "t-1", expires_in: 7200 } };
const suiteToken: Reply = { json: { accessToken: "t-2", expireIn: 7200 } };
const legacyToken: Reply = { json: { errcode: 0, errmsg: "ok", access_token: "t-3", expires_in: 7200 } };
const apiUnknown: Reply = { status: 404, json: { code: "InvalidAction.NotFound", message: "no" } };
const refuses = (status: number, code: string): Reply => ({
  status,
  json: { code, message: "no", requestid: "R" },
});
const answers = (errcode: number): Reply => ({ json: { errcode, errmsg: "no" } });

async function hosts(apiReply: Reply, oapiReply: Reply = legacyToken) {
  const [api, oapi] = [await startHost(apiReply), await startHost(oapiReply)];
  const turns: string[] = [];
  const limiter = { ...freeLimiter, take: async ({ limiterId }: Turn) => void turns.push(limiterId) };
  return { api, oapi, turns, ...makeDingtalk({ apiUrl: api.url, oapiUrl: oapi.url, triesMax: 1, limiter }) };
}

describe("requestUnifiedToken", () => {
  test("S22 sends the organization in the path and the credentials only in the body", async () => {
    const { api, oapi, dingtalk, turns } = await hosts(unifiedToken);
    const granted = await requestAccessTokenWithFallback(dingtalk, unified);

    expect([granted.token.reveal(), granted.lifetimeSeconds, granted.source]).toEqual([
      "t-1",
      7200,
      "v1.0/oauth2/{corpId}/token",
    ]);
    expect(api.received[0]).toMatchObject({ method: "POST", url: "/v1.0/oauth2/ding1234/token" });
    expect(JSON.parse(api.received[0]?.body ?? "")).toEqual({
      client_id: "dingabc",
      client_secret: secret,
      grant_type: "client_credentials",
    });
    expect(turns).toEqual(["dingabc"]);
    expect(oapi.received).toEqual([]);
  });

  test.each([
    [400, "invalid.client", "client_refused"],
    [400, "invalidClientIdOrSecret", "credentials_refused"],
    // The status is documented both ways
    [400, "unauthorized.client", "organization_unauthorized"],
    [401, "unauthorized.client", "organization_unauthorized"],
    [400, "unsupported.grant.type", "malformed_request"],
    [500, "server.error", "temporary_fault"],
    [403, "Forbidden.AccessDenied.IpNotInWhiteList", "ip_not_allowed"],
  ])("fails with status %i and %s as %s, without asking the older host", async (status, code, kind) => {
    const { oapi, dingtalk } = await hosts(refuses(status, code));
    expect((await refusalOf(requestAccessTokenWithFallback(dingtalk, unified))).kind).toBe(kind);
    expect(oapi.received).toEqual([]);
  });

  test("does not fall back to gettoken, which has no organization, when the new host can't be reached", async () => {
    const oapi = await startHost(legacyToken);
    const { dingtalk } = makeDingtalk({ apiUrl: await deadUrl(), oapiUrl: oapi.url, triesMax: 1 });
    expect((await refusalOf(requestAccessTokenWithFallback(dingtalk, unified))).kind).toBe("unreachable");
    expect(oapi.received).toEqual([]);
  });

  test.each(["..", ".", "a/b", "a?b", "%2e%2e", "", "a\n"])(
    "sends no token request for the malformed CorpId %j",
    async (corpId) => {
      const { api, dingtalk } = await hosts(unifiedToken);
      const error = await refusalOf(requestAccessTokenWithFallback(dingtalk, { ...unified, corpId }));
      expect(error).toMatchObject({ kind: "corp_id_wrong", upstream: { status: null } });
      expect(api.received).toEqual([]);
    },
  );
});

describe("requestSuiteToken", () => {
  test("S22 sends all credentials in the body, and has a limiter id per customer", async () => {
    const { api, oapi, dingtalk, turns } = await hosts(suiteToken);
    const granted = await requestAccessTokenWithFallback(dingtalk, suite);

    expect([granted.token.reveal(), granted.source]).toEqual(["t-2", "v1.0/oauth2/corpAccessToken"]);
    expect(api.received[0]).toMatchObject({ method: "POST", url: "/v1.0/oauth2/corpAccessToken" });
    expect(JSON.parse(api.received[0]?.body ?? "")).toEqual({
      suiteKey: "suiteabc",
      suiteSecret: secret,
      authCorpId: "ding1234",
      suiteTicket: ticket,
    });
    expect(turns).toEqual(["suiteabc ding1234"]);
    expect(oapi.received).toEqual([]);
  });

  test("sends no token request without a suite ticket", async () => {
    const { api, oapi, dingtalk } = await hosts(suiteToken);
    const asked = requestAccessTokenWithFallback(dingtalk, { ...suite, suiteTicket: null });
    expect(await refusalOf(asked)).toMatchObject({ kind: "suite_ticket_stale", retry: "auto" });
    expect([...api.received, ...oapi.received]).toEqual([]);
  });

  test.each([
    ["invalidSuiteKey", "suite_credentials_refused"],
    // Not documented for this call
    ["invalidClientIdOrSecret", "suite_credentials_refused"],
    ["invalid.client", "suite_credentials_refused"],
    ["invalidSuiteTicket", "suite_ticket_stale"],
    ["invalidAuthInfo", "authorization_withdrawn"],
  ])("fails with status 400 and %s as %s, without asking the older host", async (code, kind) => {
    const { oapi, dingtalk } = await hosts(refuses(400, code));
    expect((await refusalOf(requestAccessTokenWithFallback(dingtalk, suite))).kind).toBe(kind);
    expect(oapi.received).toEqual([]);
  });

  test("S22 falls back to the older host with a signature and without a secret in the address", async () => {
    const { oapi, dingtalk } = await hosts(apiUnknown);
    expect((await requestAccessTokenWithFallback(dingtalk, suite)).source).toBe("service/get_corp_token");

    const { method, url = "", body } = oapi.received[0] ?? {};
    const { pathname, searchParams, search } = new URL(url, "http://oapi");
    const timestamp = String(dingtalk.now());
    expect([method, pathname, JSON.parse(body ?? "")]).toEqual([
      "POST",
      "/service/get_corp_token",
      { auth_corpid: "ding1234" },
    ]);
    expect(Object.fromEntries(searchParams)).toEqual({
      accessKey: "suiteabc",
      timestamp,
      suiteTicket: ticket,
      signature: signSuite(suite.suiteSecret, suite.suiteTicket, timestamp),
    });
    expect(search, "a plus sign that isn't escaped arrives as a space").not.toMatch(/signature=[^&]*[+/]/);
    expect(`${search}${body}`).not.toContain(secret);
  });

  test.each([
    [853001, "signature_refused"],
    [853002, "signature_refused"],
    [853003, "signature_refused"],
    [853004, "signature_refused"],
    [853005, "suite_ticket_stale"],
    [40085, "suite_ticket_stale"],
    [40079, "authorization_withdrawn"],
    [41030, "authorization_withdrawn"],
    [48004, "authorization_withdrawn"],
    [40083, "suite_credentials_refused"],
    [40088, "suite_credentials_refused"],
    [40090, "suite_credentials_refused"],
    [40001, "suite_credentials_refused"],
    [40089, "suite_credentials_refused"],
  ])("reports errcode %i of the older host as %s", async (errcode, kind) => {
    const { dingtalk } = await hosts(apiUnknown, answers(errcode));
    expect((await refusalOf(requestAccessTokenWithFallback(dingtalk, suite))).kind).toBe(kind);
  });

  test("S21 quotes neither secret, ticket nor signature in errors", async () => {
    const quoting: Reply = (request, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ code: "x", message: `${request.url} ${secret} ${ticket}` }));
    };
    for (const reply of [quoting, apiUnknown]) {
      const { dingtalk } = await hosts(reply, quoting);
      const error = await refusalOf(requestAccessTokenWithFallback(dingtalk, suite));
      const shown = [error.message, error.stack, JSON.stringify(error)].join();
      for (const hidden of [secret, ticket, encodeURIComponent(ticket)]) expect(shown).not.toContain(hidden);
    }
  });
});

test("signSuite returns the signature of DingTalk's example", () => {
  const example = {
    secret: "c9RMIAGoL_K26gxkw4LrLGf2ERSQVqMBd1K_jclUIT3WM249uVCwf0Ug2RpG4dBh",
    ticket: "SEx31XX20YLqvcLVpnwObQHIbvv85ZD6UGXCphXEmp0zCNNfj6VMMklvZjVNDCf99rrKc476XMKS56d5p6iCOU",
    timestamp: "1629879099342",
  };
  const signed = signSuite(new Redacted(example.secret), new Redacted(example.ticket), example.timestamp);
  expect(signed).toBe("auGsFduirwTx3fYqswR8SCuaKbHpHjJzUB/cIAWHGuw=");
});
