import { describe, expect, test, vi } from "vitest";
import { Redacted } from "@/lib/redacted";
import { err, ok } from "@/lib/result";
import { call, type DingtalkRequest, type TokenSource } from "./call";
import type { DingtalkCall } from "./client";
import type { JsonObject } from "./read-json";
import { getScopes } from "./scopes";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { cutOff, never, no, scopesFrom, yes } from "./test-support/scopes-host";
import { startHost } from "./test-support/servers";

const tokensHeard = (heard: readonly { url: string }[]) =>
  heard.map(({ url }) => new URL(url, "http://host").searchParams.get("access_token"));

describe("a token that DingTalk refuses", () => {
  test.each([40014, 42001, 40001, 33001])(
    "after %i is replaced once, and the call is sent once more",
    async (code) => {
      const { host, result, replaced, waitsMs, attempts } = await scopesFrom([no(code), yes]);

      expect((await result).departmentIds).toEqual(["1"]);
      expect(replaced).toEqual(["token-1"]);
      expect(tokensHeard(host.heard)).toEqual(["token-1", "token-2"]);
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
  ])("and refused again with %i ends the call as %s, never a loop", async (code, kind, retry) => {
    const { host, result, replaced } = await scopesFrom([no(code)], ["token-1", "token-2", "token-3"]);
    const error = await refusalOf(result);

    expect(error).toMatchObject({
      kind,
      retry,
      upstream: { code: String(code) },
    });
    expect(host.heard).toHaveLength(2);
    expect(replaced).toEqual(["token-1"]);
  });

  test("is not replaced twice when a fault comes between", async () => {
    const { host, result, replaced } = await scopesFrom([no(40014), no(-1), no(40014)]);
    expect((await refusalOf(result)).kind).toBe("token_refused_again");
    expect(host.heard).toHaveLength(3);
    expect(replaced).toHaveLength(1);
  });

  test("fails with the reason why there is no other", async () => {
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

  test("is quoted by no error, even if DingTalk quotes it", async () => {
    const { result } = await scopesFrom([no(60011, { errmsg: "token-1 lacks a permission" })]);
    const error = await refusalOf(result);
    expect([error.message, error.stack, JSON.stringify(error)].join()).not.toContain("token-1");
    expect(error.upstream.message).toBe("[redacted] lacks a permission");
  });
});

describe("faults", () => {
  test.each([
    ["a busy system", no(-1), "temporary_fault"],
    ["a failed service", no(15, { sub_code: "isp.-1" }), "temporary_fault"],
    ["an empty wrapper", no(88, { sub_code: "" }), "temporary_fault"],
    ["a gateway's page", { status: 504, text: "<html>" }, "temporary_fault"],
    ["another page", { text: "<html>sign in</html>" }, "not_dingtalk"],
    ["a lost connection", cutOff, "unreachable"],
    ["no answer in time", never, "timeout"],
  ] as const)("%s is tried three times, with pauses", async (_, reply, kind) => {
    const { host, result, waitsMs, attempts } = await scopesFrom([reply]);

    expect(await refusalOf(result)).toMatchObject({ kind, api: "auth/scopes" });
    expect(host.heard).toHaveLength(3);
    expect(waitsMs).toEqual([250, 500]);
    expect(attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual(
      [1, 2, 3].map((n) => [n, kind]),
    );
  });

  test("a fault that passes is not seen by the caller", async () => {
    const { result, host } = await scopesFrom([no(-1), cutOff, yes]);
    expect((await result).departmentIds).toEqual(["1"]);
    expect(host.heard).toHaveLength(3);
  });

  test("Retry-After is waited for", async () => {
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
  ] as const)("%s is not sent again", async (_, reply, kind) => {
    const { result, host, waitsMs } = await scopesFrom([reply]);
    expect((await refusalOf(result)).kind).toBe(kind);
    expect(host.heard.filter(({ url }) => url.startsWith("/auth/scopes"))).toHaveLength(1);
    expect(waitsMs).toEqual([]);
  });

  test("an answer that lacks its fields is no answer", async () => {
    const { result, host } = await scopesFrom([{ json: { errcode: 0 } }]);
    const error = await refusalOf(result);
    expect(error).toMatchObject({
      kind: "not_dingtalk",
      upstream: { message: "not as documented: auth_org_scopes" },
    });
    expect(host.heard).toHaveLength(3);
  });
});

describe("what is sent", () => {
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

  test("the new host gets its token in a header, the older one in the query", async () => {
    const host = await startHost({ json: { list: [] } }, yes);
    const { dingtalk } = makeDingtalk({ url: host.url });
    await call(dingtalk, onNewHost({}));
    await getScopes(dingtalk, makeCaller().caller);

    expect(host.heard[0]).toMatchObject({
      method: "POST",
      url: "/v1.0/contact/departments/search",
      body: "{}",
    });
    expect(host.heard[0]?.headers).toMatchObject({
      "x-acs-dingtalk-access-token": "token-1",
      "content-type": "application/json",
    });
    expect(host.heard[1]).toMatchObject({
      method: "GET",
      url: "/auth/scopes?access_token=token-1",
      body: "",
    });
    expect(host.heard[1]?.headers).not.toHaveProperty("x-acs-dingtalk-access-token");
  });

  test("a path in the configured address stays in front", async () => {
    const host = await startHost(yes);
    const { dingtalk } = makeDingtalk({ oapiUrl: `${host.url}/oapi/` });
    await getScopes(dingtalk, makeCaller().caller);
    expect(host.heard[0]?.url).toBe("/oapi/auth/scopes?access_token=token-1");
  });

  test("on the new host an answer without its fields is another host's", async () => {
    const host = await startHost({ json: { hello: "world" } });
    const { dingtalk } = makeDingtalk({ url: host.url });
    const error = await refusalOf(call(dingtalk, onNewHost({ read: () => err("list") })));
    expect(error).toMatchObject({ kind: "wrong_host", upstream: { host: new URL(host.url).host } });
  });

  test("says of each exchange how long it took, its status, and how far the clocks are apart", async () => {
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

describe("a call that is over", () => {
  test("is told once with all that its exchanges came to, and nothing of what was in it", async () => {
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
    ["a token that no other replaces", [no(40014)], { outcome: "token_dead", code: "40014", attempts: 2 }],
  ] as const)("is told after %s", async (_, replies, expected) => {
    const calls: DingtalkCall[] = [];
    const host = await startHost(...replies);
    const { dingtalk } = makeDingtalk({ url: host.url, onCall: (call) => calls.push(call) });
    await getScopes(dingtalk, makeCaller().caller).catch(() => {});
    expect(calls).toMatchObject([expected]);
  });

  test("is not told when it never came to anything", async () => {
    const onCall = vi.fn();
    const { dingtalk } = makeDingtalk({ onCall });
    await expect(getScopes(dingtalk, makeCaller().caller, AbortSignal.abort())).rejects.toThrow();
    expect(onCall).not.toHaveBeenCalled();
  });
});
