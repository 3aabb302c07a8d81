import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { type Program, startProgram } from "./measuring/program";
import type { Measured, Part } from "./measuring/run-parts";

const PROCESSES = 4;
const SECONDS = 60;
/** Time until all processes are calling. */
const SETTLING_MS = 3_000;
const RATE = 20;
const RATE_MIN = 19;
const WINDOW_MS = 1_000;

type Upstream = { readonly url: string; arrivals(): Promise<number[]>; stop(): void };

/** Starts the upstream as a separate process, so that its timestamps are not delayed by work in this one. */
async function startUpstream(): Promise<Upstream> {
  const child = spawn(process.execPath, ["scripts/run.mjs", "bench/strict-upstream-process"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the upstream ended with ${code}`)));
  });
  return {
    url,
    arrivals: async () => (await fetch(`${url}/arrivals`)).json() as Promise<number[]>,
    stop: () => child.kill(),
  };
}

type Counted = { readonly most: number; readonly least: number; readonly average: number };

/** Counts the calls in each window of one second that begins with a call, within the measured time. */
function countWindows(arrivals: readonly number[], fromMs: number, toMs: number): Counted {
  const times = arrivals.filter((at) => at >= fromMs && at < toMs);
  const counts = times
    .filter((at) => at + WINDOW_MS <= toMs)
    .map((start) => times.filter((at) => at >= start && at < start + WINDOW_MS).length);
  return {
    most: Math.max(...counts),
    least: Math.min(...counts),
    average: times.length / ((toMs - fromMs) / 1_000),
  };
}

async function measure(): Promise<Counted> {
  const upstream = await startUpstream();
  const callers: Program[] = [];
  try {
    const env = {
      DINGTALK_OAPI_URL: upstream.url,
      DINGTALK_API_URL: upstream.url,
      DINGTALK_QPS: String(RATE),
    };
    for (let index = 0; index < PROCESSES; index += 1)
      callers.push(await startProgram("bench/limiter-process", "calling", env));
    await delay(SETTLING_MS);
    const fromMs = (await upstream.arrivals()).at(-1) ?? 0;
    await delay(SECONDS * 1_000 + WINDOW_MS);
    return countWindows(await upstream.arrivals(), fromMs, fromMs + SECONDS * 1_000);
  } finally {
    for (const caller of callers) await caller.end();
    upstream.stop();
  }
}

async function run(): Promise<Measured> {
  const { most, least, average } = await measure();
  return {
    failures: [
      ...(most > RATE ? [`${most} calls arrived within a second`] : []),
      ...(average < RATE_MIN ? [`${average.toFixed(2)} calls per second on average`] : []),
    ],
    section: {
      title: "Limiter",
      about:
        `${PROCESSES} processes call one API of one app for ${SECONDS} s as often as allowed, at ${RATE} calls per second, ` +
        "counted by an upstream in every window of 1,000 ms.",
      head: ["", "measured", "target"],
      rows: [
        ["most calls in any 1,000 ms", String(most), `never above ${RATE}`],
        ["fewest", String(least), ""],
        ["calls per second on average", average.toFixed(2), `at least ${RATE_MIN}`],
      ],
    },
  };
}

/** Measures whether servers that share an app stay within its rate together, and use all of it. */
export const limiter: Part = { name: "limiter", run };
