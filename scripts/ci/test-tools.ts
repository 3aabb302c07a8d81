import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DATA_FOLDER } from "@/server/local-settings";
import { postgresHome } from "@/server/postgres/data-location";
import { stopServer } from "@/server/postgres/server";
import { removeTestClusters } from "./test-clusters";

/** Time before SIGKILL. The server of the browser tests has 20 s to stop. */
const STOP_MS = 25_000;
/** Playwright stops its web server at SIGINT only. */
const STOP_SIGNALS: Readonly<Record<string, NodeJS.Signals>> = { playwright: "SIGINT" };

type RunningTool = {
  readonly child: ChildProcess;
  readonly stopSignal: NodeJS.Signals;
  readonly ended: Promise<unknown>;
};

const running = new Set<RunningTool>();
let isStopping = false;

/** Exit code and output of a tool. The output is also printed. */
export type ToolResult = { readonly code: number; readonly output: string };

/** Runs a program of node_modules in a process group of its own, so that `stopTools` can stop its children too. */
export async function runTool(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  print: (text: string) => void = (text) => process.stdout.write(text),
): Promise<ToolResult> {
  if (isStopping) return { code: 1, output: "" };
  const colors = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  const child = spawn(join("node_modules", ".bin", name), args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...colors, ...env },
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      const text = chunk.toString();
      output += text;
      print(text);
    });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
  const entry = { child, stopSignal: STOP_SIGNALS[name] ?? "SIGTERM", ended };
  running.add(entry);
  try {
    return { code: await ended, output };
  } finally {
    running.delete(entry);
  }
}

/**
 * Runs programs in sequence until one fails.
 *
 * @returns whether all succeeded
 */
export async function runTools(commands: readonly (readonly [string, ...string[]])[]): Promise<boolean> {
  for (const [name, ...args] of commands) if ((await runTool(name, args)).code !== 0) return false;
  return true;
}

/**
 * Runs one Vitest project with these environment variables.
 *
 * @returns the exit code
 */
export async function runVitest(
  project: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<number> {
  return (await runTool("vitest", ["run", "--project", project, ...args], env)).code;
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // All processes of the group have ended.
  }
}

/** Stops all running programs with their children, and prevents further starts. */
export async function stopTools(): Promise<void> {
  isStopping = true;
  await Promise.all(
    [...running].map(async ({ child, stopSignal, ended }) => {
      signal(child, stopSignal);
      await Promise.race([ended, delay(STOP_MS, undefined, { ref: false })]);
      signal(child, "SIGKILL");
    }),
  );
}

/** PostgreSQL runs as a daemon, which does not stop with the tools. */
async function stopDatabases(): Promise<void> {
  const folders = ["test", "e2e"]
    .map((name) => join(DATA_FOLDER, name))
    .filter((folder) => existsSync(folder));
  await Promise.allSettled([
    removeTestClusters(),
    ...folders.map(async (folder) => stopServer(postgresHome(folder))),
  ]);
}

let ending: Promise<void> | undefined;

/** Runs tests and exits with their code. A signal stops the running tools, then their databases, then this process. */
export async function exitWith(runTests: () => Promise<number>): Promise<never> {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      ending ??= stopTools()
        .then(stopDatabases)
        .finally(() => process.exit(1));
    });
  }
  const code = await runTests();
  await ending;
  process.exit(code);
}
