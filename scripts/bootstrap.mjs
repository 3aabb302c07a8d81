// The first step of every command: `node scripts/bootstrap.mjs NAME [ARGUMENTS]`. Works on Node 20 with nothing
// installed: it installs what is missing, and then runs the command under the Node of our own dependencies.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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

/** What was installed: `npm ci` is run again when the lock file is another one, or the last run was cut short. */
async function installMissing() {
  const lock = hashOf(inRoot("package-lock.json"));
  const stamp = inRoot("node_modules", ".dingkeep-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.log("Installing dependencies (npm ci), about a minute …");
  const npm = await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    shell: process.platform === "win32",
  });
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
