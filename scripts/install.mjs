// Installs dependencies and generates the database client when they are out of date. Runs on Node 20 with nothing
// installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./forward-signals.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
export const inRoot = (...parts) => join(root, ...parts);

/** Returns one hash of several files. */
function hashOf(...paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest("hex");
}

const isWindows = process.platform === "win32";

/**
 * Adds the address of each package's archive to a lock file. Ours has no addresses, because it must not name a
 * registry. Without them npm reads the version list of every package first, which takes as long as the installation.
 *
 * @param lock the parsed `package-lock.json`
 * @param settings npm's settings, as `npm config list --json` prints them
 */
export function withArchiveAddresses(lock, settings) {
  const packages = Object.entries(lock.packages ?? {}).map(([path, entry]) => {
    const name = entry.name ?? path.split("node_modules/").at(-1);
    if (path === "" || entry.link || entry.resolved || !entry.version) return [path, entry];
    const [scope, base] = name.startsWith("@") ? name.split("/") : ["", name];
    const registry = String(settings[`${scope}:registry`] ?? settings.registry).replace(/\/$/, "");
    return [path, { ...entry, resolved: `${registry}/${name}/-/${base}-${entry.version}.tgz` }];
  });
  return { ...lock, packages: Object.fromEntries(packages) };
}

/** npm prefers this file to `package-lock.json`. */
const SHRINKWRAP = inRoot("npm-shrinkwrap.json");

/**
 * Writes the lock file with archive addresses.
 *
 * @returns whether npm's settings could be read
 */
function writeShrinkwrap() {
  const { stdout } = spawnSync("npm", ["config", "list", "--json"], {
    cwd: root,
    shell: isWindows,
    encoding: "utf8",
  });
  try {
    const lock = JSON.parse(readFileSync(inRoot("package-lock.json"), "utf8"));
    writeFileSync(SHRINKWRAP, JSON.stringify(withArchiveAddresses(lock, JSON.parse(stdout))));
    return true;
  } catch {
    return false;
  }
}

const installLocked = () =>
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, shell: isWindows });

/** Installs from the usual archive addresses. If that fails, lets npm ask the registry for them. */
async function install() {
  if (writeShrinkwrap()) {
    const npm = await installLocked();
    rmSync(SHRINKWRAP);
    if (npm.code === 0 || npm.isStopped) return npm;
  }
  return installLocked();
}

/** Runs `npm ci` if the lock file has changed since the last complete installation. */
export async function installMissing() {
  const lock = hashOf(inRoot("package-lock.json"));
  const stamp = inRoot("node_modules", ".dingkeep-lock");
  rmSync(SHRINKWRAP, { force: true });
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.log("Installing dependencies (npm ci), about a minute …");
  const npm = await install();
  if (npm.isStopped) process.exit(1);
  if (npm.code !== 0) {
    console.error("npm ci failed. See its output above. Nothing was started.");
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

/** Generates the database client if the schema or the lock file, which sets Prisma's version, has changed. */
export function generateClient() {
  const schema = hashOf(inRoot("prisma", "schema.prisma"), inRoot("package-lock.json"));
  const stamp = inRoot("prisma", "generated", ".schema");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === schema) return;
  // An interrupted run leaves an incomplete client, which must not count even if the schema is changed back.
  rmSync(stamp, { force: true });
  const node = nodeBinary();
  const prisma = spawnSync(node, [inRoot("node_modules", "prisma", "build", "index.js"), "generate"], {
    cwd: root,
    encoding: "utf8",
    // `generate` needs no engine, but would download one if none is set.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: node, PRISMA_HIDE_UPDATE_MESSAGE: "1" },
  });
  if (prisma.status !== 0) {
    console.error(`prisma generate failed:\n${prisma.stdout}${prisma.stderr}`);
    process.exit(1);
  }
  mkdirSync(inRoot("prisma", "generated"), { recursive: true });
  writeFileSync(stamp, schema);
}

/** Returns the path of the Node among our dependencies, or of the running one. */
export function nodeBinary() {
  const own = inRoot("node_modules", ".bin", process.platform === "win32" ? "node.exe" : "node");
  return existsSync(own) ? own : process.execPath;
}
