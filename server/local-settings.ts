import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const KEY_BYTES = 32;

/** Data of this installation that is kept between starts. Git ignores it. */
export const DATA_FOLDER = join(process.cwd(), ".data");

/**
 * Writes a file unless it exists. The file appears whole or not at all, even if the process is killed or the power
 * fails. If several processes write at once, the first one wins.
 */
function writeOnce(path: string, text: string): void {
  const half = `${path}.${process.pid}`;
  writeFileSync(half, text, { mode: 0o600, flush: true });
  try {
    linkSync(half, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(half);
  }
}

/** Returns a value that is created once and kept in `folder`, readable by its owner only. */
export function readOrCreate<T>(file: string, make: () => T, folder = DATA_FOLDER): T {
  const path = join(folder, file);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(path)) writeOnce(path, JSON.stringify(make(), null, 2));
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

/** Returns the secrets of an installation without configured ones. The first start creates them. */
export const localSecrets = () =>
  readOrCreate("secrets.json", () => ({
    NEXTAUTH_SECRET: randomBytes(KEY_BYTES).toString("base64url"),
    ENCRYPTION_KEYS: `local:${randomBytes(KEY_BYTES).toString("base64")}`,
  }));

/** Sets environment variables that are unset or empty. */
export function setDefaults(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) process.env[name] ||= value;
}
