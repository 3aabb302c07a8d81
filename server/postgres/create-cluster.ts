import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ownFolder, type PostgresHome } from "./data-location";
import { runPostgresProgram } from "./program";

/** A cluster is created under this name and then renamed, so that a killed start leaves no incomplete cluster. */
const unfinishedPrefix = (home: PostgresHome) => `${basename(home.data)}.new-`;

/**
 * An initdb can outlive a killed start and keep writing. Files that cannot be removed now are removed at the next
 * start.
 */
function removeUnfinished(home: PostgresHome): void {
  const place = dirname(home.data);
  for (const left of readdirSync(place).filter((name) => name.startsWith(unfinishedPrefix(home)))) {
    try {
      rmSync(join(place, left), { recursive: true, force: true });
    } catch {}
  }
}

/** Creates an empty cluster unless one exists. */
export async function makeCluster(home: PostgresHome, adminPassword: string): Promise<void> {
  removeUnfinished(home);
  if (existsSync(join(home.data, "PG_VERSION"))) return;
  const half = join(dirname(home.data), unfinishedPrefix(home) + randomBytes(4).toString("hex"));
  ownFolder(half, home.account, 0o700);
  const passwordFile = `${half}.password`;
  writeFileSync(passwordFile, adminPassword, { mode: 0o600 });
  if (home.account.uid !== undefined) chownSync(passwordFile, home.account.uid, home.account.gid ?? 0);
  const locale = [
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
  ];
  try {
    await runPostgresProgram(home, "initdb", [
      "-D",
      half,
      "-U",
      "postgres",
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
      ...locale,
    ]);
    renameSync(half, home.data);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}
