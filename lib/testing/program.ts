import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { onTestFinished } from "vitest";

const root = process.cwd();

/** A process of its own: for what only a real one shows, such as its death. */
export type Program = {
  readonly child: ChildProcess;
  /** The next line of its output that holds `text`. Rejects when it ends without one. */
  readonly line: (text: string) => Promise<string>;
  /** Its exit code; `null` when a signal ended it. */
  readonly ended: Promise<number | null>;
};

type ProgramOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly cwd?: string;
};

/**
 * Runs TypeScript, bundled as `scripts/run.mjs` does it, as another process. It may import `@/…`. What is left
 * of it is killed when the test ends.
 */
export async function startProgram(
  source: string,
  { env = {}, args = [], cwd = root }: ProgramOptions = {},
): Promise<Program> {
  const outfile = join(root, ".build", `test-${randomBytes(6).toString("hex")}.mjs`);
  await build({
    absWorkingDir: root,
    stdin: { contents: source, resolveDir: root, loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    packages: "external",
    logLevel: "warning",
    alias: { "server-only": "./lib/testing/empty.ts" },
  });
  const child = spawn(process.execPath, [outfile, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(outfile, { force: true });
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const line = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const at = lines.findIndex((said) => said.includes(text));
        if (at < 0) return;
        reader.off("line", look);
        resolve(lines.splice(0, at + 1).at(-1) ?? "");
      };
      reader.on("line", look);
      reader.once("close", () => reject(new Error(`the program ended without saying "${text}"`)));
      look();
    });
  return { child, line, ended };
}
