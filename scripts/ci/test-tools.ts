import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DATA_FOLDER } from "@/server/local-settings";
import { postgresHome } from "@/server/postgres/home";
import { stopServer } from "@/server/postgres/server";
import { removeTestClusters } from "./test-clusters";

/** Time to end in order, before SIGKILL: the server of the browser tests has 20 s. */
const STOP_MS = 25_000;
/** Playwright ends its web server after SIGINT, which Ctrl-C sends. SIGTERM ends Playwright alone. */
const STOP_SIGNALS: Readonly<Record<string, NodeJS.Signals>> = { playwright: "SIGINT" };

type RunningTool = {
  readonly child: ChildProcess;
  readonly stopSignal: NodeJS.Signals;
  readonly ended: Promise<unknown>;
};

const running = new Set<RunningTool>();
let isStopping = false;

/** The exit code of a tool and what it printed, which is shown as well. */
export type ToolResult = { readonly code: number; readonly output: string };

/** Runs a program of node_modules in a process group of its own, so that `stopTools` ends all its children. */
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

/** Runs one program after another until one fails. @returns whether all of them succeeded */
export async function runTools(commands: readonly (readonly [string, ...string[]])[]): Promise<boolean> {
  for (const [name, ...args] of commands) if ((await runTool(name, args)).code !== 0) return false;
  return true;
}

/** Runs one project of the tests with these variables. @returns the exit code */
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
    // The whole group has ended.
  }
}

/** Ends every running program with its children, and starts no other. */
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

/** PostgreSQL is a daemon of its own, so ending the tools doesn't end it. */
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

/**
 * Runs tests and exits with their code. A signal ends the running tools, then their databases, and only then this process,
 * although the tests are over with the tools.
 */
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
