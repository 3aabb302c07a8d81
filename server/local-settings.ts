import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const KEY_BYTES = 32;

/** What belongs to this installation and is kept between starts; git ignores it. */
export const DATA_FOLDER = join(process.cwd(), ".data");

/**
 * Writes a file that isn't there yet. It appears whole or not at all, though the process is killed or the power
 * fails; of several that write it at once, one does.
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

/** A value that is made once and kept in `folder`, readable for its owner only. */
export function keptValue<T>(file: string, make: () => T, folder = DATA_FOLDER): T {
  const path = join(folder, file);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(path)) writeOnce(path, JSON.stringify(make(), null, 2));
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

/** Secrets for an installation that was given none: made at the first start. */
export const localSecrets = () =>
  keptValue("secrets.json", () => ({
    NEXTAUTH_SECRET: randomBytes(KEY_BYTES).toString("base64url"),
    ENCRYPTION_KEYS: `local:${randomBytes(KEY_BYTES).toString("base64")}`,
  }));

/** Sets variables that aren't set; what the person said stays. */
export function setDefaults(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) process.env[name] ||= value;
}
