import { describe, expect, test, vi } from "vitest";
import { Redacted } from "@/lib/redacted";
import { err, ok } from "@/lib/result";
import { call, type DingtalkRequest, type TokenSource } from "./call";
import type { DingtalkCall } from "./client";
import { getScopes } from "./contact-scope";
import type { JsonObject } from "./read-json";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { cutOff, never, no, scopesFrom, yes } from "./test-support/scopes-host";
import { startHost } from "./test-support/servers";

const tokensHeard = (received: readonly { url: string }[]) =>
  received.map(({ url }) => new URL(url, "http://host").searchParams.get("access_token"));

describe("call with a refused token", () => {
  test.each([40014, 42001, 40001, 33001])(
    "replaces a refused token once after %i, and repeats the call",
    async (code) => {
      const { host, result, replaced, waitsMs, attempts } = await scopesFrom([no(code), yes]);

      expect((await result).departmentIds).toEqual(["1"]);
      expect(replaced).toEqual(["token-1"]);
      expect(tokensHeard(host.received)).toEqual(["token-1", "token-2"]);
      expect(waitsMs).toEqual([]);
      expect(attempts.map(({ outcome }) => outcome)).toEqual([
        code === 33001 ? "corp_mismatch" : "token_dead",
        "ok",
      ]);
    },
  );

  test.each([
    [40014, "token_refused_again", "no"],
    [33001, "corp_mismatch", "once"],
  ])("fails with %i as %s when the replacement of the token is refused too", async (code, kind, retry) => {
    const { host, result, replaced } = await scopesFrom([no(code)], ["token-1", "token-2", "token-3"]);
    const error = await refusalOf(result);

    expect(error).toMatchObject({
      kind,
      retry,
      upstream: { code: String(code) },
    });
    expect(host.received).toHaveLength(2);
    expect(replaced).toEqual(["token-1"]);
  });

  test("does not replace a token twice when a fault happens in between", async () => {
    const { host, result, replaced } = await scopesFrom([no(40014), no(-1), no(40014)]);
    expect((await refusalOf(result)).kind).toBe("token_refused_again");
    expect(host.received).toHaveLength(3);
    expect(replaced).toHaveLength(1);
  });

  test("throws the error of the token source when there is no replacement", async () => {
    const host = await startHost(no(40014));
    const { dingtalk } = makeDingtalk({ url: host.url });
    const token: TokenSource = {
      current: async () => new Redacted("token-1"),
      replace: async () => {
        throw new Error("no renewal");
      },
    };
    await expect(getScopes(dingtalk, { appKey: "dingkey", token })).rejects.toThrow("no renewal");
  });

  test("removes the token from errors even if DingTalk quotes it", async () => {
    const { result } = await scopesFrom([no(60011, { errmsg: "token-1 lacks a permission" })]);
    const error = await refusalOf(result);
    expect([error.message, error.stack, JSON.stringify(error)].join()).not.toContain("token-1");
    expect(error.upstream.message).toBe("[redacted] lacks a permission");
  });
});

describe("call that fails", () => {
  test.each([
    ["a busy system", no(-1), "temporary_fault"],
    ["a failed service", no(15, { sub_code: "isp.-1" }), "temporary_fault"],
    ["an empty wrapper", no(88, { sub_code: "" }), "temporary_fault"],
    ["a gateway's page", { status: 504, text: "<html>" }, "temporary_fault"],
    ["another page", { text: "<html>sign in</html>" }, "not_dingtalk"],
    ["a lost connection", cutOff, "unreachable"],
    ["no answer in time", never, "timeout"],
  ] as const)("tries a failed call three times, with pauses, after %s", async (_, reply, kind) => {
    const { host, result, waitsMs, attempts } = await scopesFrom([reply]);

    expect(await refusalOf(result)).toMatchObject({ kind, api: "auth/scopes" });
    expect(host.received).toHaveLength(3);
    expect(waitsMs).toEqual([250, 500]);
    expect(attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual(
      [1, 2, 3].map((n) => [n, kind]),
    );
  });

  test("succeeds if a later try of a call succeeds", async () => {
    const { result, host } = await scopesFrom([no(-1), cutOff, yes]);
    expect((await result).departmentIds).toEqual(["1"]);
    expect(host.received).toHaveLength(3);
  });

  test("waits before the next try as long as Retry-After asks", async () => {
    const { result, waitsMs } = await scopesFrom([
      { status: 503, headers: { "retry-after": "4" }, text: "busy" },
      yes,
    ]);
    await result;
    expect(waitsMs).toEqual([4_000]);
  });

  test.each([
    ["a missing permission", no(88, { sub_code: "60011" }), "missing_permission"],
    ["a ban", { json: { status: 1111, wait: 5, source: "x5", punish: "deny" } }, "ip_banned"],
    ["a used-up quota", no(90020), "quota_used_up"],
    ["an unknown code", no(12345), "unknown_code"],
    ["a department out of scope", no(50004), "department_out_of_scope"],
    ["another host's JSON", { json: { hello: "world" } }, "wrong_host"],
  ] as const)("does not repeat a call after %s", async (_, reply, kind) => {
    const { result, host, waitsMs } = await scopesFrom([reply]);
    expect((await refusalOf(result)).kind).toBe(kind);
    expect(host.received.filter(({ url }) => url.startsWith("/auth/scopes"))).toHaveLength(1);
    expect(waitsMs).toEqual([]);
  });

  test("repeats a call whose answer lacks documented fields, and then fails as not_dingtalk", async () => {
    const { result, host } = await scopesFrom([{ json: { errcode: 0 } }]);
    const error = await refusalOf(result);
    expect(error).toMatchObject({
      kind: "not_dingtalk",
      upstream: { message: "not as documented: auth_org_scopes" },
    });
    expect(host.received).toHaveLength(3);
  });
});

describe("exchange", () => {
  const onNewHost = (rest: Partial<DingtalkRequest<JsonObject>>): DingtalkRequest<JsonObject> => ({
    host: "api",
    api: "v1.0/contact/departments/search",
    method: "POST",
    appKey: "dingkey",
    token: makeCaller().caller.token,
    body: "{}",
    read: (answer) => ok(answer),
    ...rest,
  });

  test("sends the token in a header to the new host, and in the query to the older one", async () => {
    const host = await startHost({ json: { list: [] } }, yes);
    const { dingtalk } = makeDingtalk({ url: host.url });
    await call(dingtalk, onNewHost({}));
    await getScopes(dingtalk, makeCaller().caller);

    expect(host.received[0]).toMatchObject({
      method: "POST",
      url: "/v1.0/contact/departments/search",
      body: "{}",
    });
    expect(host.received[0]?.headers).toMatchObject({
      "x-acs-dingtalk-access-token": "token-1",
      "content-type": "application/json",
    });
    expect(host.received[1]).toMatchObject({
      method: "GET",
      url: "/auth/scopes?access_token=token-1",
      body: "",
    });
    expect(host.received[1]?.headers).not.toHaveProperty("x-acs-dingtalk-access-token");
  });

  test("keeps the path of the configured address as a prefix", async () => {
    const host = await startHost(yes);
    const { dingtalk } = makeDingtalk({ oapiUrl: `${host.url}/oapi/` });
    await getScopes(dingtalk, makeCaller().caller);
    expect(host.received[0]?.url).toBe("/oapi/auth/scopes?access_token=token-1");
  });

  test("reports an answer of the new host without documented fields as wrong_host", async () => {
    const host = await startHost({ json: { hello: "world" } });
    const { dingtalk } = makeDingtalk({ url: host.url });
    const error = await refusalOf(call(dingtalk, onNewHost({ read: () => err("list") })));
    expect(error).toMatchObject({ kind: "wrong_host", upstream: { host: new URL(host.url).host } });
  });

  test("reports each exchange with its duration, status and clock skew", async () => {
    const host = await startHost({ ...yes, headers: { date: "Thu, 01 Jan 2026 00:02:00 GMT" } });
    const { dingtalk, attempts } = makeDingtalk({ url: host.url });
    await getScopes(dingtalk, makeCaller().caller);
    expect(attempts).toEqual([
      {
        appKey: "dingkey",
        api: "auth/scopes",
        outcome: "ok",
        attempt: 1,
        status: 200,
        durationMs: 0,
        throttleScope: null,
        clockSkewMs: 120_000,
      },
    ]);
  });
});

describe("onCall", () => {
  test("reports a call once, with totals of its exchanges and without content", async () => {
    const date = "Thu, 01 Jan 2026 00:00:00 GMT";
    const host = await startHost(no(90018), no(-1), {
      json: { ...yes.json, request_id: "r-9" },
      headers: { date },
    });
    const calls: DingtalkCall[] = [];
    const { dingtalk } = makeDingtalk({ url: host.url, onCall: (call) => calls.push(call) });
    await getScopes(dingtalk, makeCaller().caller);
    expect(calls).toEqual([
      {
        host: "oapi",
        method: "GET",
        api: "auth/scopes",
        startedAtMs: Date.UTC(2026, 0, 1),
        durationMs: dingtalk.now() - Date.UTC(2026, 0, 1),
        outcome: "ok",
        throttleScope: null,
        status: 200,
        code: null,
        requestId: "r-9",
        attempts: 3,
        throttles: 1,
        bytes: Buffer.byteLength(JSON.stringify({ ...yes.json, request_id: "r-9" })),
      },
    ]);
  });

  test.each([
    [
      "a refusal",
      [no(88, { sub_code: "60011", request_id: "r-1" })],
      { outcome: "missing_permission", code: "60011" },
    ],
    ["no answer", [cutOff], { outcome: "unreachable", status: null, requestId: null, attempts: 3, bytes: 0 }],
    [
      "a token whose replacement is refused too",
      [no(40014)],
      { outcome: "token_dead", code: "40014", attempts: 2 },
    ],
  ] as const)("reports a call after %s", async (_, replies, expected) => {
    const calls: DingtalkCall[] = [];
    const host = await startHost(...replies);
    const { dingtalk } = makeDingtalk({ url: host.url, onCall: (call) => calls.push(call) });
    await getScopes(dingtalk, makeCaller().caller).catch(() => {});
    expect(calls).toMatchObject([expected]);
  });

  test("does not report a call that was aborted before it was sent", async () => {
    const onCall = vi.fn();
    const { dingtalk } = makeDingtalk({ onCall });
    await expect(getScopes(dingtalk, makeCaller().caller, AbortSignal.abort())).rejects.toThrow();
    expect(onCall).not.toHaveBeenCalled();
  });
});
