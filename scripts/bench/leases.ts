import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { readLease } from "@/lib/tokens/lease/read-lease";
import { makeTokenService } from "@/lib/tokens/renewal/token-service";
import { makeTestDingtalk, tokenReader } from "@/lib/tokens/test-support/test-dingtalk";
import { control, startSimulatorProcess } from "../simulator-process";
import { durationText, megabytesText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";
import { bundleTokenReader, startTokenReader } from "./measuring/token-readers";

const PROCESSES = 4;
const READERS = 10_000;
const LATENCY_MS = 300;
/** Kills the process while DingTalk is being called. */
const KILLED_AFTER_MS = 150;
const CALLS_MAX_KILLED = 2;
const CORP = "corp-of-bench-leases";
const PATH = "v1.0/oauth2/accessToken";
const APPS = 1_000;
const READS = 200_000;
const PARTS = 4;
/** Heap growth between the second part and the last that counts as noise. */
const GROWTH_MAX = 0.05;

type Cold = { readonly calls: number; readonly tookMs: number; readonly tokens: number };

/**
 * Starts all readers at once for an app without a token.
 *
 * @param isKilled whether to kill the process that renews
 */
async function readCold(url: string, path: string, isKilled: boolean): Promise<Cold> {
  const pair = { appKey: `dingbenchlease${Number(isKilled)}`, appSecret: "secret-of-bench-leases" };
  await control(url, "POST apps", { ...pair, corpId: CORP });
  const app = await makeApp(pair);
  const processes = await Promise.all(Array.from({ length: PROCESSES }, () => startTokenReader(path, url)));
  const asked = async () =>
    (await control<{ total: number }>(url, `GET calls?path=${PATH}&appKey=${pair.appKey}&callsMax=0`)).total;
  const readers = READERS / PROCESSES;
  const startedAt = performance.now();
  const [first, ...others] = processes;
  const begun = first?.read({ ...app, readers });
  // The first process becomes the one that renews, and is killed.
  if (isKilled) await delay(KILLED_AFTER_MS);
  const reads = others.map((one) => one.read({ ...app, readers }));
  if (isKilled) {
    while ((await asked()) === 0) await delay(5);
    first?.kill();
  }
  const answers = await Promise.all([begun, ...reads]);
  const tookMs = performance.now() - startedAt;
  for (const one of processes) one.kill();
  const tokens = new Set(answers.flatMap((answer) => answer?.seen ?? [])).size;
  return { calls: await asked(), tookMs, tokens };
}

/** Returns the heap size after each part of the reads, after garbage collection. */
async function readMany(url: string): Promise<number[]> {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const service = makeTokenService(makeTestDingtalk(url));
  const { organizationId } = await makeOrganization();
  const actor = tokenReader({ organizationId });
  const apps: string[] = [];
  for (let index = 0; index < APPS; index += 1) {
    const pair = { appKey: `dingbenchmany${index}`, appSecret: "secret-of-bench-leases" };
    await control(url, "POST apps", { ...pair, corpId: CORP });
    apps.push((await makeApp(pair, { organizationId })).appId);
  }
  const heaps: number[] = [];
  for (let read = 0; read < READS; read += 1) {
    await readLease(actor, apps[read % APPS] as string, { service });
    if ((read + 1) % (READS / PARTS) !== 0) continue;
    collect();
    heaps.push(process.memoryUsage().heapUsed);
  }
  return heaps;
}

async function run(): Promise<Measured> {
  const start = { size: "small", seed: "1", appKey: "dingbenchleases00000", appSecret: "secret" };
  const simulator = await startSimulatorProcess(start);
  try {
    const { url } = simulator;
    await control(url, "PATCH limits", { appApiPerSecond: null });
    await control(url, "POST organizations", { corpId: CORP, size: 1 });
    const heaps = await readMany(url);
    await control(url, "POST faults", { path: PATH, fault: { kind: "latency", latencyMs: LATENCY_MS } });
    const path = await bundleTokenReader();
    const [cold, killed] = [await readCold(url, path, false), await readCold(url, path, true)];
    const [, second = 0, ...later] = heaps;
    const growth = (later.at(-1) ?? 0) / second - 1;
    const failures = [
      ...(cold.calls === 1 ? [] : [`cold readers made ${cold.calls} calls`]),
      ...(killed.calls <= CALLS_MAX_KILLED ? [] : [`after a kill ${killed.calls} calls were made`]),
      ...(cold.tokens === 1 && killed.tokens === 1 ? [] : ["readers got several tokens, or failures"]),
      ...(growth <= GROWTH_MAX ? [] : [`memory grew by ${Math.round(growth * 100)} %`]),
    ];
    const heapText = heaps.map(megabytesText).join(", ");
    return {
      failures,
      section: {
        title: "Leases",
        about:
          `${READERS} simultaneous readers in ${PROCESSES} processes, of an app without a token; DingTalk takes ${LATENCY_MS} ms. Then one ` +
          `process that reads the leases of ${APPS} apps in turn.`,
        head: ["", "calls to DingTalk", "target", "all answered after"],
        rows: [
          [`${READERS} cold readers`, String(cold.calls), "1", durationText(cold.tookMs)],
          [
            "… when the renewing process is killed",
            String(killed.calls),
            "at most 2",
            durationText(killed.tookMs),
          ],
        ],
        notes: [
          `Heap of a process after each ${READS / PARTS} of ${READS} reads over ${APPS} apps: ${heapText}. Aim: flat.`,
        ],
      },
    };
  } finally {
    await simulator.stop();
  }
}

/** Measures DingTalk calls and process memory for leases. */
export const leases: Part = { name: "leases", run };
