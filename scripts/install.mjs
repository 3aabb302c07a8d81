// Installs the dependencies and generates the database client when their sources have changed. It runs on Node 20 with
// nothing installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./forward-signals.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
export const inRoot = (...parts) => join(root, ...parts);

/** What files hold, as one hash. */
function hashOf(...paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest("hex");
}

const isWindows = process.platform === "win32";

/**
 * Adds to a lock file the address of each package's archive. Ours has none, because it names no registry; npm then
 * reads the list of all versions of each package before its archive, which takes as long as the installation itself.
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

/** npm reads this file in place of `package-lock.json` while it is there. */
const SHRINKWRAP = inRoot("npm-shrinkwrap.json");

/** Writes the lock file with the addresses of all archives. @returns whether npm's settings could be read */
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

/** Installs by the archives' usual addresses, and if that fails by those that the registry names. */
async function install() {
  if (writeShrinkwrap()) {
    const npm = await installLocked();
    rmSync(SHRINKWRAP);
    if (npm.code === 0 || npm.isStopped) return npm;
  }
  return installLocked();
}

/** Runs `npm ci` again when the lock file has changed since the last run, or that was cut short. */
export async function installMissing() {
  const lock = hashOf(inRoot("package-lock.json"));
  const stamp = inRoot("node_modules", ".dingkeep-lock");
  rmSync(SHRINKWRAP, { force: true });
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.log("Installing dependencies (npm ci), about a minute …");
  const npm = await install();
  if (npm.isStopped) process.exit(1);
  if (npm.code !== 0) {
    console.error("npm ci failed; what it said stands above. Nothing was started.");
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

/** The client is generated again for another schema, and by another Prisma, which the lock file names. */
export function generateClient() {
  const schema = hashOf(inRoot("prisma", "schema.prisma"), inRoot("package-lock.json"));
  const stamp = inRoot("prisma", "generated", ".schema");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === schema) return;
  // A client that is cut short is none, though the schema is then put back to what it was.
  rmSync(stamp, { force: true });
  const node = nodeBinary();
  const prisma = spawnSync(node, [inRoot("node_modules", "prisma", "build", "index.js"), "generate"], {
    cwd: root,
    encoding: "utf8",
    // `generate` needs no engine, but asks a download host for one unless something stands in its place.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: node, PRISMA_HIDE_UPDATE_MESSAGE: "1" },
  });
  if (prisma.status !== 0) {
    console.error(`prisma generate failed:\n${prisma.stdout}${prisma.stderr}`);
    process.exit(1);
  }
  mkdirSync(inRoot("prisma", "generated"), { recursive: true });
  writeFileSync(stamp, schema);
}

/** Returns the Node of our dependencies, or the running one if there is none. */
export function nodeBinary() {
  const own = inRoot("node_modules", ".bin", process.platform === "win32" ? "node.exe" : "node");
  return existsSync(own) ? own : process.execPath;
}
