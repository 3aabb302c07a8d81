import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export type SimulatorProcess = { readonly url: string; stop(): Promise<void> };

type Options = {
  readonly size: string;
  readonly seed: string;
  readonly appKey: string;
  readonly appSecret: string;
  /** Further apps of the organization, with the same secret. */
  readonly otherAppKeys?: readonly string[];
  readonly port?: number;
  readonly callsPerSecond?: number;
  /** Interval of small random changes to the organization; none when left out. */
  readonly churnMinutes?: number;
};

/**
 * Starts the simulator in a separate process. Its input closes when this process ends in any way, and the simulator
 * ends with it.
 */
export async function startSimulatorProcess({
  size,
  seed,
  appKey,
  appSecret,
  otherAppKeys = [],
  port = 0,
  callsPerSecond = 20,
  churnMinutes = 0,
}: Options): Promise<SimulatorProcess> {
  const options = ["--exit-with-input", "--size", size, "--seed", seed];
  for (const key of [appKey, ...otherAppKeys]) options.push("--app-key", key);
  const numbers = { port, "calls-per-second": callsPerSecond, "churn-minutes": churnMinutes };
  for (const [name, value] of Object.entries(numbers)) options.push(`--${name}`, String(value));
  const child = spawn(process.execPath, ["scripts/run.mjs", "simulator", ...options], {
    stdio: ["pipe", "pipe", "inherit"],
    // Every user of the machine can read the arguments of a process, but not its environment.
    env: { ...process.env, SIMULATOR_APP_SECRET: appSecret },
  });
  const first = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`The simulator ended with ${code}.`)));
  });
  const { url } = JSON.parse(first) as { url: string };
  return {
    url,
    stop: async () => {
      child.kill();
    },
  };
}

/**
 * Calls the simulator's control routes, which are in `simulator/control-routes.ts`: `control(url, "POST faults", {…})`.
 *
 * @throws {Error} with the simulator's message when it refuses the input
 */
export async function control<T = unknown>(url: string, route: string, body?: unknown): Promise<T> {
  const [method = "GET", path = ""] = route.split(" ");
  const response = await fetch(`${url}/_control/${path}`, {
    method,
    ...(body !== undefined && {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  if (!response.ok) throw new Error(`the simulator refused ${route}: ${await response.text()}`);
  return (await response.json()) as T;
}
