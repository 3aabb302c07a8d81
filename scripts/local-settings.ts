import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const KEY_BYTES = 32;

/** What belongs to this installation and is kept between starts; git ignores it. */
export const DATA_FOLDER = join(process.cwd(), ".data");

/** A value that is made once and kept in `.data/`, readable for its owner only. */
export function keptValue<T>(file: string, make: () => T): T {
  const path = join(DATA_FOLDER, file);
  mkdirSync(DATA_FOLDER, { recursive: true });
  if (!existsSync(path)) writeFileSync(path, JSON.stringify(make(), null, 2), { mode: 0o600 });
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
