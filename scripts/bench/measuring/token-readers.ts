import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { bundle } from "@/lib/testing/bundle";

export type ReadRequest = {
  readonly organizationId: string;
  readonly appId: string;
  /** Number of simultaneous reads. */
  readonly readers: number;
};
export type ReadAnswer = {
  /** Distinct results: `VERSION HASH` of each token, and failures. */
  readonly seen: readonly string[];
  readonly tookMs: number;
};

/** A process that reads leases, one request at a time. */
export type TokenReader = {
  /**
   * Reads leases.
   *
   * @returns `null` when the process ends before it answers
   */
  read(request: ReadRequest): Promise<ReadAnswer | null>;
  /** Ends the process with SIGKILL. */
  kill(): void;
};

/**
 * Bundles the program once, to make starting many processes cheap.
 *
 * @returns the path of the bundle
 */
export const bundleTokenReader = (): Promise<string> =>
  bundle({ file: "scripts/bench/measuring/token-reader.ts" });

/**
 * Starts a reader against a simulator, with this process's database. The reader ends with this process.
 *
 * @param aheadMs how far its clock is ahead
 */
export async function startTokenReader(path: string, url: string, aheadMs = 0): Promise<TokenReader> {
  const child = spawn(process.execPath, [path, String(aheadMs)], {
    env: { ...process.env, DINGTALK_OAPI_URL: url, DINGTALK_API_URL: url, DINGTALK_QPS: "5000" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = linesOf(child);
  if ((await lines.next()).value !== "ready") throw new Error("a token reader ended before it was ready");
  return {
    async read(request) {
      child.stdin?.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      return done ? null : (JSON.parse(value) as ReadAnswer);
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

function linesOf({ stdout, stdin }: ChildProcess): AsyncIterator<string> {
  if (!stdout || !stdin) throw new Error("the program has no pipes");
  stdin.on("error", () => {});
  return createInterface({ input: stdout })[Symbol.asyncIterator]();
}
