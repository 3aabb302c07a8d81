import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 50;
const SQLITE_BUSY = 5;
/** The garbage collector closes unreferenced databases, which would release their locks. */
const HELD_FOR_LIFE: DatabaseSync[] = [];

/**
 * Takes SQLite's lock on an empty file, which the operating system releases however its holder ends. A pid file cannot
 * do that: its pid may belong to another program by now, and of two processes that remove a stale file, the second one
 * removes the lock of the first. `proper-lockfile` renews a timestamp instead, so a start after `kill -9` would have to
 * wait until the lock is stale, and a suspended machine would lose it.
 *
 * @returns `null` if another connection holds the lock
 */
function tryLock(path: string): DatabaseSync | null {
  // SQLite would create the file readable for everybody, and everybody who can read it can lock it.
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

/**
 * Holds the lock for as long as this process lives.
 *
 * @returns `false` if another process holds it
 */
export function holdFileLock(path: string): boolean {
  const held = tryLock(path);
  if (held) HELD_FOR_LIFE.push(held);
  return held !== null;
}

/**
 * Runs `work` while holding a lock against other calls in this process and in others. The lock file stays.
 *
 * @throws {Error} when the lock is held elsewhere for longer than `waitMs`
 */
export async function withFileLock<T>(path: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + waitMs;
  let held = tryLock(path);
  while (!held) {
    if (Date.now() > deadline)
      throw new Error(`Another process has been starting for too long. It holds ${path}.`);
    await delay(POLL_MS);
    held = tryLock(path);
  }
  try {
    return await work();
  } finally {
    held.close();
  }
}
