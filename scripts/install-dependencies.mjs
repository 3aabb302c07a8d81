// Runs on Node 20 with nothing installed.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { removeShrinkwrap, writeShrinkwrap } from "./archive-addresses.mjs";
import { run } from "./forward-signals.mjs";
import { hashOf, inRoot, isWindows, root } from "./project-files.mjs";

const installLocked = () =>
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, shell: isWindows });

/** Installs from the usual archive addresses. If that fails, lets npm ask the registry for them. */
async function install() {
  if (writeShrinkwrap()) {
    const npm = await installLocked();
    removeShrinkwrap();
    if (npm.code === 0 || npm.isStopped) return npm;
  }
  return installLocked();
}

/** Runs `npm ci` if the lock file has changed since the last complete installation. */
export async function installDependencies() {
  const lock = hashOf(inRoot("package-lock.json"));
  const stamp = inRoot("node_modules", ".dingkeep-lock");
  removeShrinkwrap();
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
