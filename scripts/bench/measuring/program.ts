import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { until } from "./timing";

const READY_MS_MAX = 120_000;

/** A command in a separate process. */
export type Program = {
  readonly child: ChildProcess;
  /** Resident memory in bytes. Linux only; 0 elsewhere. */
  memoryBytes(): number;
  /** Largest resident memory so far, in bytes. */
  peakMemoryBytes(): number;
  /** Ends the process with SIGKILL or the given signal, and waits until it has ended. */
  end(signal?: NodeJS.Signals): Promise<void>;
};

/**
 * Starts `scripts/run.mjs COMMAND` (a name, and arguments after a space) and waits until it is ready. The program ends
 * with this process.
 *
 * @param ready part of a line of its output, or a URL that answers once it is ready
 * @throws {Error} when the program ends before it is ready
 */
export async function startProgram(
  command: string,
  ready: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const child = spawn(process.execPath, ["scripts/run.mjs", ...command.split(" ")], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const killAtExit = () => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let isReady = false;
  let lastLine = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    isReady ||= line.includes(ready);
    lastLine = line;
  });
  const isAnswering = async () =>
    ready.startsWith("http") &&
    (await fetch(ready).then(
      ({ ok }) => ok,
      () => false,
    ));
  await until(
    `${command} is ready`,
    async () => {
      if (child.exitCode !== null)
        throw new Error(`${command} ended with ${child.exitCode} before it was ready: ${lastLine}`);
      return isReady || (await isAnswering());
    },
    READY_MS_MAX,
  );
  return {
    child,
    memoryBytes: () => memoryOf(child.pid, /^VmRSS:\s+(\d+)/m),
    peakMemoryBytes: () => memoryOf(child.pid, /^VmHWM:\s+(\d+)/m),
    async end(signal = "SIGKILL") {
      process.off("exit", killAtExit);
      child.kill(signal);
      await gone;
    },
  };
}

function memoryOf(pid: number | undefined, figure: RegExp): number {
  if (process.platform !== "linux") return 0;
  const [, kibibytes = "0"] = figure.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) * 1_024;
}
