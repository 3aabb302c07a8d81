import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ownFolder, type PostgresHome } from "./home";
import { runPostgresProgram } from "./program";

/** Made beside its place and then moved there, so that a start that was killed leaves no half that looks whole. */
const halvesOf = (home: PostgresHome) => `${basename(home.data)}.new-`;

/** An initdb may outlive the start that was killed, and write on: what can't be removed now can the next time. */
function removeHalves(home: PostgresHome): void {
  const place = dirname(home.data);
  for (const left of readdirSync(place).filter((name) => name.startsWith(halvesOf(home)))) {
    try {
      rmSync(join(place, left), { recursive: true, force: true });
    } catch {}
  }
}

/** Makes an empty cluster at its place, unless one is there. */
export async function makeCluster(home: PostgresHome, adminPassword: string): Promise<void> {
  removeHalves(home);
  if (existsSync(join(home.data, "PG_VERSION"))) return;
  const half = join(dirname(home.data), halvesOf(home) + randomBytes(4).toString("hex"));
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
