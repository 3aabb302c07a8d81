import { describe, expect, test, vi } from "vitest";
import { getScopes } from "./contact-scope";
import { InProcessLimiter, type Limiter, type PenaltyKey, type Priority, type Turn } from "./limiter";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { never, no, scopesFrom, trickle, yes } from "./test-support/scopes-host";
import { type Reply, startHost } from "./test-support/servers";

describe("calls that DingTalk throttles", () => {
  const tooFast = no(88, { sub_code: "90018" });

  test("tries a throttled call five times, with a pause of at least a second that doubles", async () => {
    const { result, host, waitsMs } = await scopesFrom([tooFast]);
    expect(await refusalOf(result)).toMatchObject({ kind: "throttled", throttleScope: "app_api_second" });
    expect(host.received).toHaveLength(5);
    expect(waitsMs).toEqual([1_125, 2_250, 4_500, 9_000]);
  });

  test("a throttled call pauses its limiter key for its own pause, but for one second after a limit per second", async () => {
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

  test("a throttled call fails at once and still pauses its key if the throttle outlasts the call's limit", async () => {
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

  test("a call takes a turn under its app and API for every exchange", async () => {
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

  test("a call fails as throttled by own_limiter and sends nothing if the queue outlasts its limit", async () => {
    const limiter = new InProcessLimiter({ callsPerSecond: 1 });
    limiter.penalize({ limiterId: "dingkey", api: "auth/scopes" }, Date.now() + 60_000);
    const host = await startHost(yes);
    const { dingtalk, advance } = makeDingtalk({ url: host.url, limiter, totalMs: 50 });
    const result = refusalOf(getScopes(dingtalk, makeCaller().caller));
    advance(0);

    const refusal = await result;
    expect(refusal).toMatchObject({ kind: "throttled", throttleScope: "own_limiter" });
    expect(Math.round((refusal.retryAfterMs ?? 0) / 1_000)).toBe(60);
    expect(host.received).toEqual([]);
  });
});

describe("bans of this server's address", () => {
  const ban = { json: { status: 1111, wait: 5, source: "x5", punish: "deny" } };
  const bannedHost = async (replies: readonly Reply[], priority: Priority) => {
    const host = await startHost(...replies);
    const { dingtalk, waitsMs } = makeDingtalk({ url: host.url, priority });
    const limiter = new InProcessLimiter({ now: dingtalk.now, sleep: dingtalk.sleep });
    return { host, waitsMs, dingtalk: { ...dingtalk, limiter } };
  };

  test("a confirmed ban fails an interactive call at once and stops the calls of all apps", async () => {
    const { host, dingtalk, waitsMs } = await bannedHost([ban, ban, yes], "interactive");
    const { caller } = makeCaller();
    const first = await refusalOf(getScopes(dingtalk, caller));
    expect(first).toMatchObject({ kind: "ip_banned", retryAfterMs: 300_000, upstream: { status: 200 } });
    const next = await refusalOf(getScopes(dingtalk, { ...caller, appKey: "another" }));
    expect(next).toMatchObject({ kind: "ip_banned", retryAfterMs: 300_000, upstream: { status: null } });
    expect(host.received.map(({ url }) => url.split("?")[0])).toEqual(["/auth/scopes", "/gettoken"]);
    expect(host.received[1]?.url, "the probe sends no credentials").toBe("/gettoken");
    expect(waitsMs).toEqual([]);
  });

  test("a ban that the host denies pauses only the app that met it, for a minute", async () => {
    const { host, dingtalk, waitsMs } = await bannedHost([ban, no(41001), yes], "interactive");
    const { caller } = makeCaller();
    expect((await refusalOf(getScopes(dingtalk, caller))).kind).toBe("ip_banned");
    await getScopes(dingtalk, { ...caller, appKey: "another" });
    expect(waitsMs).toEqual([]);
    await getScopes({ ...dingtalk, priority: "background" }, caller);
    expect(waitsMs).toEqual([60_000]);
    expect(host.received).toHaveLength(4);
  });

  test("sends one probe for many calls that meet the ban together", async () => {
    const { host, dingtalk } = await bannedHost([ban], "interactive");
    const apps = ["first", "second", "third"].map((appKey) => ({ ...makeCaller().caller, appKey }));
    await Promise.all(apps.map((caller) => refusalOf(getScopes(dingtalk, caller))));
    expect(host.received.filter(({ url }) => url === "/gettoken")).toHaveLength(1);
  });

  test("a background call waits for the end of the ban, beyond the call's time limit", async () => {
    const { host, dingtalk, waitsMs } = await bannedHost([ban, ban, yes], "background");
    await getScopes(dingtalk, makeCaller().caller);
    expect(waitsMs).toEqual([300_000]);
    expect(host.received).toHaveLength(3);
  });

  test("a background call fails at its third ban", async () => {
    const { host, dingtalk } = await bannedHost([ban], "background");
    expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("ip_banned");
    expect(host.received.filter(({ url }) => url.startsWith("/auth/scopes"))).toHaveLength(3);
  });
});

describe("time limits and cancellation of a call", () => {
  test("a call fails instead of starting a pause that would exceed totalMs", async () => {
    const host = await startHost(no(-1));
    const { dingtalk, waitsMs } = makeDingtalk({ url: host.url, totalMs: 600 });
    expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("temporary_fault");
    expect(waitsMs).toEqual([250]);
    expect(host.received).toHaveLength(2);
  });

  test("a call ends an endless answer at the time limit although bytes keep coming", async () => {
    const { result } = await scopesFrom([trickle]);
    expect(await refusalOf(result)).toMatchObject({ kind: "timeout", code: "upstream_timeout" });
  });

  test("a call rejects at once with the caller's reason and is not repeated when aborted in an exchange", async () => {
    const host = await startHost(never);
    const { dingtalk } = makeDingtalk({ url: host.url });
    const controller = new AbortController();
    const result = getScopes(dingtalk, makeCaller().caller, controller.signal);
    await expect.poll(() => host.received.length).toBe(1);
    controller.abort(new Error("run cancelled"));

    await expect(result).rejects.toThrow("run cancelled");
    expect(host.received).toHaveLength(1);
  });

  test("a call rejects at once when aborted during a pause", async () => {
    const host = await startHost(no(90018));
    const controller = new AbortController();
    const { dingtalk } = makeDingtalk({
      url: host.url,
      sleep: (_ms, signal) =>
        new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
    });
    const result = getScopes(dingtalk, makeCaller().caller, controller.signal);
    await expect.poll(() => host.received.length).toBe(1);
    controller.abort(new Error("run cancelled"));
    await expect(result).rejects.toThrow("run cancelled");
  });

  test("a call sends nothing when its signal is already aborted", async () => {
    const host = await startHost(yes);
    const { dingtalk } = makeDingtalk({ url: host.url });
    await expect(
      getScopes(dingtalk, makeCaller().caller, AbortSignal.abort(new Error("no"))),
    ).rejects.toThrow("no");
    expect(host.received).toEqual([]);
  });
});
