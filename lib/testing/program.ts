import { type ChildProcess, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { type BundleSource, bundle } from "./bundle";

const root = process.cwd();

/** A child process, for behavior that only a real process shows, such as its death. */
export type Program = {
  readonly child: ChildProcess;
  /** Returns the next output line that contains `text`. Rejects if the process ends without one. */
  line(text?: string): Promise<string>;
  send(line: string): void;
  /** Exit code; `null` after a signal. */
  readonly ended: Promise<number | null>;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
};

type ProgramOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly cwd?: string;
};

/** Bundles a program and deletes the bundle after the test. */
export async function bundleProgram(source: BundleSource): Promise<string> {
  const outfile = await bundle(source);
  onTestFinished(() => rm(outfile, { force: true }));
  return outfile;
}

/** Starts a bundled program with this process's environment and kills it after the test. */
export function spawnProgram(
  path: string,
  { env = {}, args = [], cwd = root }: ProgramOptions = {},
): Program {
  const child = spawn(process.execPath, [path, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const line = (text = "") =>
    new Promise<string>((resolve, reject) => {
      const findLine = () => {
        const at = lines.findIndex((printed) => printed.includes(text));
        if (at < 0) return;
        reader.off("line", findLine);
        resolve(lines.splice(0, at + 1).at(-1) ?? "");
      };
      reader.on("line", findLine);
      reader.once("close", () => reject(new Error(`the program ended without printing "${text}"`)));
      findLine();
    });
  return { child, line, ended, kill, send: (text) => child.stdin.write(`${text}\n`) };
}

/** Bundles the text of a program and starts it. */
export async function startProgram(text: string, options?: ProgramOptions): Promise<Program> {
  return spawnProgram(await bundleProgram({ text }), options);
}
