// Paths, hashes and programs of this folder. Runs on Node 20 with nothing installed.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const inRoot = (...parts) => join(root, ...parts);

/** Returns one hash of several files. */
export function hashOf(...paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest("hex");
}

export const isWindows = process.platform === "win32";

/** Returns the path of the Node among our dependencies, or of the running one. */
export function nodeBinary() {
  const own = inRoot("node_modules", ".bin", isWindows ? "node.exe" : "node");
  return existsSync(own) ? own : process.execPath;
}
