// Lets npm fetch packages without looking them up in the registry first. Runs on Node 20 with nothing installed.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { inRoot, isWindows, root } from "./project-files.mjs";

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
export function writeShrinkwrap() {
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

export const removeShrinkwrap = () => rmSync(SHRINKWRAP, { force: true });
