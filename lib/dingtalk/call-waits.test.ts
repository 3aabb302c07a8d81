import { describe, expect, test, vi } from "vitest";
import { InProcessLimiter, type Limiter, type PenaltyKey, type Priority, type Turn } from "./limiter";
import { getScopes } from "./scopes";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { never, no, scopesFrom, trickle, yes } from "./test-support/scopes-host";
import { type Reply, startHost } from "./test-support/servers";

describe("throttles", () => {
  const tooFast = no(88, { sub_code: "90018" });

  test("are waited out, a second at least and longer each time, five tries in all", async () => {
    const { result, host, waitsMs } = await scopesFrom([tooFast]);
    expect(await refusalOf(result)).toMatchObject({ kind: "throttled", throttleScope: "app_api_second" });
    expect(host.heard).toHaveLength(5);
    expect(waitsMs).toEqual([1_125, 2_250, 4_500, 9_000]);
  });

  test("hold back the key in the limiter for the pause, and an app's own second for a second only", async () => {
    const penalties: [PenaltyKey, number][] = [];
    const limiter: Limiter = {
      take: async () => {},
      penalize: (key, untilMs) => void penalties.push([key, untilMs]),
    };
    const host = await startHost(tooFast, tooFast, no(90004), yes);
    const { dingtalk } = makeDingtalk({ url: host.url, limiter });
    const startMs = dingtalk.now();
    await getScopes(dingtalk, makeCaller().caller);

    expect(penalties).toEqual([
      [{ limiterId: "dingkey", api: "auth/scopes" }, startMs + 1_000],
      [{ limiterId: "dingkey", api: "auth/scopes" }, startMs + 1_125 + 1_000],
      [{ limiterId: "dingkey", api: null }, startMs + 1_125 + 2_250 + 4_500],
    ]);
  });

  test("that last longer than the call may end it at once, and hold back the key all the same", async () => {
    const penalize = vi.fn<Limiter["penalize"]>();
    const host = await startHost(no(90001));
    const { dingtalk, waitsMs } = makeDingtalk({
      url: host.url,
      limiter: { take: async () => {}, penalize },
    });
    const error = await refusalOf(getScopes(dingtalk, makeCaller().caller));

    expect(error).toMatchObject({ kind: "throttled", throttleScope: "server", retryAfterMs: 60_000 });
    expect(waitsMs).toEqual([]);
    expect(penalize).toHaveBeenCalledOnce();
  });

  test("every exchange waits for its turn, under its app and API", async () => {
    const taken: Turn[] = [];
    const limiter: Limiter = { take: async (key) => void taken.push(key), penalize: () => {} };
    const host = await startHost(no(-1), no(40014), yes);
    const { dingtalk } = makeDingtalk({ url: host.url, limiter });
    await getScopes(dingtalk, makeCaller().caller);
    const turn = {
      limiterId: "dingkey",
      api: "auth/scopes",
      priority: "interactive",
      waitMs: expect.any(Number),
    };
    expect(taken).toEqual([turn, turn, turn]);
  });

  test("a queue longer than the call's time is a throttle of our own, and nothing is sent", async () => {
    const limiter = new InProcessLimiter({ callsPerSecond: 1 });
    limiter.penalize({ limiterId: "dingkey", api: "auth/scopes" }, Date.now() + 60_000);
    const host = await startHost(yes);
    const { dingtalk, advance } = makeDingtalk({ url: host.url, limiter, totalMs: 50 });
    const result = refusalOf(getScopes(dingtalk, makeCaller().caller));
    advance(0);

    const refusal = await result;
    expect(refusal).toMatchObject({ kind: "throttled", throttleScope: "own_limiter" });
    expect(Math.round((refusal.retryAfterMs ?? 0) / 1_000)).toBe(60);
    expect(host.heard).toEqual([]);
  });
});

describe("a ban of our address", () => {
  const ban = { json: { status: 1111, wait: 5, source: "x5", punish: "deny" } };
  const bannedHost = async (replies: readonly Reply[], priority: Priority) => {
    const host = await startHost(...replies);
    const { dingtalk, waitsMs } = makeDingtalk({ url: host.url, priority });
    const limiter = new InProcessLimiter({ now: dingtalk.now, sleep: dingtalk.sleep });
    return { host, waitsMs, dingtalk: { ...dingtalk, limiter } };
  };

  test("that the host confirms ends a call that somebody waits for, and no app's next call is sent", async () => {
    const { host, dingtalk, waitsMs } = await bannedHost([ban, ban, yes], "interactive");
    const { caller } = makeCaller();
    const first = await refusalOf(getScopes(dingtalk, caller));
    expect(first).toMatchObject({ kind: "ip_banned", retryAfterMs: 300_000, upstream: { status: 200 } });
    const next = await refusalOf(getScopes(dingtalk, { ...caller, appKey: "another" }));
    expect(next).toMatchObject({ kind: "ip_banned", retryAfterMs: 300_000, upstream: { status: null } });
    expect(host.heard.map(({ url }) => url.split("?")[0])).toEqual(["/auth/scopes", "/gettoken"]);
    expect(host.heard[1]?.url, "the probe is nobody's").toBe("/gettoken");
    expect(waitsMs).toEqual([]);
  });

  test("that only one app's call meets holds back that app for a minute, and nobody else", async () => {
    const { host, dingtalk, waitsMs } = await bannedHost([ban, no(41001), yes], "interactive");
    const { caller } = makeCaller();
    expect((await refusalOf(getScopes(dingtalk, caller))).kind).toBe("ip_banned");
    await getScopes(dingtalk, { ...caller, appKey: "another" });
    expect(waitsMs).toEqual([]);
    await getScopes({ ...dingtalk, priority: "background" }, caller);
    expect(waitsMs).toEqual([60_000]);
    expect(host.heard).toHaveLength(4);
  });

  test("that many calls meet together is confirmed by one probe", async () => {
    const { host, dingtalk } = await bannedHost([ban], "interactive");
    const apps = ["first", "second", "third"].map((appKey) => ({ ...makeCaller().caller, appKey }));
    await Promise.all(apps.map((caller) => refusalOf(getScopes(dingtalk, caller))));
    expect(host.heard.filter(({ url }) => url === "/gettoken")).toHaveLength(1);
  });

  test("is waited out by a job's call, beyond the time that a call has", async () => {
    const { host, dingtalk, waitsMs } = await bannedHost([ban, ban, yes], "background");
    await getScopes(dingtalk, makeCaller().caller);
    expect(waitsMs).toEqual([300_000]);
    expect(host.heard).toHaveLength(3);
  });

  test("that comes back again and again ends a job's call in the end", async () => {
    const { host, dingtalk } = await bannedHost([ban], "background");
    expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("ip_banned");
    expect(host.heard.filter(({ url }) => url.startsWith("/auth/scopes"))).toHaveLength(3);
  });
});

describe("time", () => {
  test("a pause that would reach beyond the call's whole time is not begun", async () => {
    const host = await startHost(no(-1));
    const { dingtalk, waitsMs } = makeDingtalk({ url: host.url, totalMs: 600 });
    expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("temporary_fault");
    expect(waitsMs).toEqual([250]);
    expect(host.heard).toHaveLength(2);
  });

  test("an answer that never ends is cut off by the time limit, however steadily it comes", async () => {
    const { result } = await scopesFrom([trickle]);
    expect(await refusalOf(result)).toMatchObject({ kind: "timeout", code: "upstream_timeout" });
  });

  test("a caller who gives up during an exchange gets their own reason, at once and for good", async () => {
    const host = await startHost(never);
    const { dingtalk } = makeDingtalk({ url: host.url });
    const controller = new AbortController();
    const result = getScopes(dingtalk, makeCaller().caller, controller.signal);
    await expect.poll(() => host.heard.length).toBe(1);
    controller.abort(new Error("run cancelled"));

    await expect(result).rejects.toThrow("run cancelled");
    expect(host.heard).toHaveLength(1);
  });

  test("a caller who gives up during a pause does not wait for its end", async () => {
    const host = await startHost(no(90018));
    const controller = new AbortController();
    const { dingtalk } = makeDingtalk({
      url: host.url,
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    });
    const result = getScopes(dingtalk, makeCaller().caller, controller.signal);
    await expect.poll(() => host.heard.length).toBe(1);
    controller.abort(new Error("run cancelled"));
    await expect(result).rejects.toThrow("run cancelled");
  });

  test("a caller who gave up before sends nothing", async () => {
    const host = await startHost(yes);
    const { dingtalk } = makeDingtalk({ url: host.url });
    await expect(
      getScopes(dingtalk, makeCaller().caller, AbortSignal.abort(new Error("no"))),
    ).rejects.toThrow("no");
    expect(host.heard).toEqual([]);
  });
});
