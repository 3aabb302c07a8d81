import { setTimeout as delay } from "node:timers/promises";
import type { AppRef } from "@/lib/app-ref";
import { makeApp } from "@/lib/testing/factories";
import { CLAIM_MS } from "@/lib/tokens/renewal/renewal-policy";
import { storedToken } from "@/lib/tokens/test-support/stored-token";
import { durationText, median } from "../bench/measuring/report";
import type { Measured } from "../bench/measuring/run-parts";
import { seeded } from "../bench/measuring/sample-data";
import { bundleTokenReader, startTokenReader, type TokenReader } from "../bench/measuring/token-readers";
import { control, startSimulatorProcess } from "../simulator-process";

const KILLS = Number(process.env.SOAK_TOKEN_KILLS ?? 200);
/** Simultaneous kills. Waiting for a dead claim needs no CPU. */
const LANES = 8;
const READERS = 20;
/** DingTalk's response time, which is most of a renewal. */
export const LATENCY_MS = 300;
const RENEWAL_MS = 500;
/** Duration of a dead claim and a renewal. */
const HELD_UP_MS_MAX = 15_000;
const CORP = "corp-of-soak-token-kills";
const PATH = "v1.0/oauth2/accessToken";

export type KillPlace = {
  readonly url: string;
  readonly victimPath: string;
  /** Processes that read after the renewing process was killed. */
  readonly survivors: readonly TokenReader[];
  /** An app with a live token. */
  readonly warm: AppRef;
  readonly random: () => number;
};

export type TokenKill = {
  readonly killedAfterMs: number;
  /** Moment of the kill relative to the call to DingTalk. */
  readonly when: "before the call" | "during the call" | "after the call";
  readonly calls: number;
  readonly heldUpMs: number;
  readonly failures: readonly string[];
};

/** Kills the process that renews the token of an app without one, and lets all other processes read it. */
export async function killOnce(place: KillPlace, number: number): Promise<TokenKill> {
  const { url, random, victimPath, survivors } = place;
  const pair = { appKey: `dingtokenkill${number}`, appSecret: "secret-of-soak-token-kills" };
  const repeatedFetch = number % 2 ? "new" : "extended";
  await control(url, "POST apps", { ...pair, corpId: CORP, settings: { repeatedFetch } });
  const app = await makeApp(pair);
  const calls = async () => {
    const query = `GET calls?path=${PATH}&appKey=${pair.appKey}`;
    return control<{ total: number; byOutcome: Record<string, number> }>(url, query);
  };
  const victim = await startTokenReader(victimPath, url);
  // Opens the process's connections first, so that the moment of the kill is within the renewal.
  await victim.read({ ...place.warm, readers: 1 });
  const killedAfterMs = Math.floor(random() * RENEWAL_MS);
  const victimRead = victim.read({ ...app, readers: READERS });
  await delay(killedAfterMs);
  victim.kill();
  const answered = await victimRead;
  const { total, byOutcome } = await calls();
  const isUnderWay = (byOutcome["(pending)"] ?? 0) > 0;
  const when = total === 0 ? "before the call" : isUnderWay ? "during the call" : "after the call";

  const answers = await Promise.all(survivors.map((one) => one.read({ ...app, readers: READERS })));
  const failures: string[] = [];
  const seen = new Set([...answers, answered].flatMap((answer) => answer?.seen ?? []));
  if (seen.size !== 1) failures.push(`several tokens: ${[...seen].join(", ")}`);
  if (answers.some((answer) => answer === null)) failures.push("a surviving process has ended");
  const asked = (await calls()).total;
  if (asked > 2) failures.push(`DingTalk was called ${asked} times`);
  const row = await storedToken(app);
  if (row.version !== 1 || row.renewing_by !== null)
    failures.push("the row differs from that after one renewal");
  const heldUpMs = Math.max(...answers.map((answer) => answer?.tookMs ?? 0));
  if (heldUpMs > HELD_UP_MS_MAX) failures.push(`readers were delayed by ${durationText(heldUpMs)}`);
  return { killedAfterMs, when, calls: asked, heldUpMs, failures };
}

/** Configures the simulator for all kills. */
export async function prepareKills(url: string): Promise<AppRef> {
  await control(url, "PATCH limits", { appApiPerSecond: null });
  await control(url, "POST organizations", { corpId: CORP, size: 1 });
  await control(url, "POST faults", { path: PATH, fault: { kind: "latency", latencyMs: LATENCY_MS } });
  const pair = { appKey: "dingtokenkillwarm", appSecret: "secret-of-soak-token-kills" };
  await control(url, "POST apps", { ...pair, corpId: CORP });
  return makeApp(pair);
}

async function killAgainAndAgain(url: string, random: () => number): Promise<TokenKill[]> {
  const victimPath = await bundleTokenReader();
  const warm = await prepareKills(url);
  const kills: TokenKill[] = [];
  let next = 0;
  const lane = async () => {
    const survivors = [await startTokenReader(victimPath, url), await startTokenReader(victimPath, url)];
    for (let number = next++; number < KILLS; number = next++) {
      const kill = await killOnce({ url, victimPath, survivors, warm, random }, number);
      kills.push(kill);
      const words = `${kill.when}, ${kill.calls} calls, ${durationText(kill.heldUpMs)}`;
      console.log(
        `${kills.length}/${KILLS} after ${kill.killedAfterMs} ms: ${words} ${kill.failures.join("; ")}`,
      );
    }
    for (const survivor of survivors) survivor.kill();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return kills;
}

/** Kills processes during a renewal, two hundred times. `SOAK_SEED` repeats the same moments. */
export async function soakTokenKills(): Promise<Measured> {
  const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  const start = { size: "small", seed: "1", appKey: "dingsoaktokenkills00", appSecret: "secret" };
  const simulator = await startSimulatorProcess(start);
  try {
    const kills = await killAgainAndAgain(simulator.url, seeded(seed));
    const rows = (["before the call", "during the call", "after the call"] as const).map((when) => {
      const those = kills.filter((kill) => kill.when === when);
      const well = those.filter(({ failures }) => failures.length === 0);
      const times = those.map(({ heldUpMs }) => heldUpMs);
      const cells = [when, String(those.length), String(well.length)];
      if (those.length === 0) return cells;
      const calls = Math.max(...those.map((kill) => kill.calls));
      return [...cells, String(calls), durationText(median(times)), durationText(Math.max(...times))];
    });
    return {
      failures: kills.flatMap(({ when, failures }) => failures.map((failure) => `${when}: ${failure}`)),
      section: {
        title: "Token kills",
        about:
          `A process that renews an app's first token is killed (kill -9) within ${RENEWAL_MS} ms, of which DingTalk takes ${LATENCY_MS}; then ` +
          `${READERS} readers in each of two other processes request it. Seed ${seed}. *As expected*: all get one token of version 1, DingTalk ` +
          "is called at most twice, and no claim is left.",
        head: ["killed", "kills", "as expected", "most calls", "delay of readers (median)", "(longest)"],
        rows,
        notes: [`A dead process's claim lasts ${CLAIM_MS / 1_000} s, and is followed by a renewal.`],
      },
    };
  } finally {
    await simulator.stop();
  }
}
