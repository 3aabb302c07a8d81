// The first step of every command: `node scripts/bootstrap.mjs NAME [ARGUMENTS]`. Works on Node 20 with nothing
// installed: it installs what is missing, and then runs the command under the Node of our own dependencies.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withArchiveAddresses } from "./archive-addresses.mjs";
import { followParent } from "./follow-parent.mjs";

const NODE_MAJOR = 24;
const root = fileURLToPath(new URL("..", import.meta.url));
const inRoot = (...parts) => join(root, ...parts);

/** What files hold, as one hash. */
function hashOf(...paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest("hex");
}

/**
 * Runs a program to its end. A signal to this process alone is handed on, and the program ends first: Ctrl-C reaches
 * both.
 *
 * @returns its exit code, and whether a signal came meanwhile
 */
function run(program, args, options) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "inherit", ...options });
    let isStopped = false;
    const onTerm = () => {
      isStopped = true;
      child.kill("SIGTERM");
    };
    const onInterrupt = () => {
      isStopped = true;
    };
    process.on("SIGTERM", onTerm).on("SIGINT", onInterrupt);
    const end = (code) => {
      process.off("SIGTERM", onTerm).off("SIGINT", onInterrupt);
      resolve({ code, isStopped });
    };
    child.once("error", () => end(1));
    child.once("exit", (code, signal) => end(code ?? (signal ? 1 : 0)));
  });
}

const isWindows = process.platform === "win32";

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
async function installMissing() {
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
function generateClient() {
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

function nodeBinary() {
  const own = inRoot("node_modules", ".bin", process.platform === "win32" ? "node.exe" : "node");
  return existsSync(own) ? own : process.execPath;
}

followParent();
await installMissing();
generateClient();

const args = [inRoot("scripts", "run.mjs"), ...process.argv.slice(2)];
if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) {
  process.argv.splice(1, process.argv.length, ...args);
  await import("./run.mjs");
} else {
  const bin = inRoot("node_modules", ".bin");
  const env = {
    ...process.env,
    PATH: `${bin}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`,
  };
  const { code } = await run(nodeBinary(), args, { env });
  process.exit(code);
}
