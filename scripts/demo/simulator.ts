import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export type SimulatorProcess = { readonly url: string; stop(): Promise<void> };

type Options = {
  readonly size: string;
  readonly seed: string;
  readonly appKey: string;
  readonly appSecret: string;
  readonly port?: number;
  readonly callsPerSecond?: number;
  /** How often its organization changes a little; never when left out. */
  readonly churnMinutes?: number;
};

/** Starts the simulator as a program of its own. It ends when this process does, however that ends: its input closes. */
export async function startSimulatorProcess({
  size,
  seed,
  appKey,
  appSecret,
  port = 0,
  callsPerSecond = 20,
  churnMinutes = 0,
}: Options): Promise<SimulatorProcess> {
  const options = ["--exit-with-input", "--size", size, "--seed", seed, "--app-key", appKey];
  const numbers = { port, "calls-per-second": callsPerSecond, "churn-minutes": churnMinutes };
  for (const [name, value] of Object.entries(numbers)) options.push(`--${name}`, String(value));
  const child = spawn(process.execPath, ["scripts/run.mjs", "simulator", ...options], {
    stdio: ["pipe", "pipe", "inherit"],
    // Not an argument: those are there for everybody on the machine to read.
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
 * Tells the simulator something, or asks it: `control(url, "POST faults", {…})`. The routes are in
 * `simulator/control-routes.ts`.
 *
 * @throws {Error} with what the simulator says to a wrong input
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
