import { type SpawnOptions, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import type { PostgresHome } from "./data-location";

/**
 * Runs a program of PostgreSQL to its end.
 *
 * @throws {Error} with the end of its output, when it fails
 */
export function runPostgresProgram(home: PostgresHome, program: string, args: string[]): Promise<void> {
  const options: SpawnOptions = {
    ...home.account,
    cwd: dirname(home.data),
    // The server inherits this environment: PG* variables and the locale of the caller must not reach it.
    env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" } as unknown as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  };
  return new Promise((resolve, reject) => {
    const child = spawn(join(home.bin, program), args, options);
    let said = "";
    const listen = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.on("error", reject);
    // Listens for `exit` instead of `close`, because the server that pg_ctl leaves behind can hold the pipes open.
    child.on("exit", (code) => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${code}: ${said.trim()}`));
    });
  });
}
