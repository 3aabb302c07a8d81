import { type ChildProcess, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { onTestFinished } from "vitest";

export type Program = {
  readonly child: ChildProcess;
  /** The next line of its output. @throws {Error} when it ends without one */
  nextLine(): Promise<string>;
  send(line: string): void;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
};

/** Bundles a program of ours as `scripts/run.mjs` does. @returns its path, for as long as the test runs */
export async function bundleProgram(entry: string): Promise<string> {
  const outfile = join(process.cwd(), ".build", `test-${process.pid}-${crypto.randomUUID()}.mjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    packages: "external",
    logLevel: "warning",
    alias: { "server-only": "./lib/testing/empty.ts" },
  });
  onTestFinished(() => rm(outfile, { force: true }));
  return outfile;
}

/** Starts a program with this process's configuration; it is gone when the test ends. */
export function spawnProgram(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(process.execPath, [path, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  onTestFinished(kill);
  return {
    child,
    kill,
    send: (line) => child.stdin.write(`${line}\n`),
    nextLine: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error("the program ended");
      return value;
    },
  };
}
