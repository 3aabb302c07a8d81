import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 50;
const SQLITE_BUSY = 5;
/** What is not referred to is closed, and with it the lock. */
const HELD_FOR_LIFE: DatabaseSync[] = [];

/**
 * SQLite's lock on an empty file, for the system gives it back when its holder ends, however it ends. A file
 * with a pid in it can't know whether that pid is another program's by now, and of two processes that clear
 * away a stale one, one clears away the other's.
 */
function tryLock(path: string): DatabaseSync | null {
  // SQLite would make it readable for everybody, and whoever may read it may lock it.
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const file = new DatabaseSync(path);
  try {
    file.exec("BEGIN EXCLUSIVE");
    return file;
  } catch (error) {
    file.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null;
    throw error;
  }
}

/** Holds the lock for as long as this process lives; `false` when somebody else does. */
export function holdFileLock(path: string): boolean {
  const held = tryLock(path);
  if (held) HELD_FOR_LIFE.push(held);
  return held !== null;
}

/**
 * Runs `work` while nobody else, in this process or another, runs under the same lock file. The file stays.
 *
 * @throws {Error} when somebody else holds it for longer than `waitMs`
 */
export async function withFileLock<T>(path: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + waitMs;
  let held = tryLock(path);
  while (!held) {
    if (Date.now() > deadline)
      throw new Error(`Another process has been starting for too long; it holds ${path}.`);
    await delay(POLL_MS);
    held = tryLock(path);
  }
  try {
    return await work();
  } finally {
    held.close();
  }
}
