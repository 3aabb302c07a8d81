import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { exitWith, runVitest } from "./test-tools";

/** Debian installs pgbouncer in a folder that is in root's PATH only. */
const FOLDERS = [...(process.env.PATH ?? "").split(":"), "/usr/sbin"];

function findPooler(): string | null {
  for (const folder of FOLDERS) {
    const path = join(folder, "pgbouncer");
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

function installPooler(): void {
  if (process.getuid?.() !== 0) return;
  console.log("Installing pgbouncer (apt-get) …");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "pgbouncer"]])
    spawnSync("apt-get", ["-qq", ...args], { stdio: ["ignore", "ignore", "inherit"], env });
}

/** `npm run test:pooled [FILE…]`: runs the database tests through pgbouncer in transaction mode. */
async function main(): Promise<number> {
  if (!findPooler()) installPooler();
  const pooler = findPooler();
  if (!pooler) {
    console.error("pgbouncer is missing. Install it, for example with `apt-get install pgbouncer`.");
    return 1;
  }
  return runVitest("db", { TEST_POOLER: pooler }, process.argv.slice(2));
}

await exitWith(main);
