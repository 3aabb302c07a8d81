import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ConfigurationError } from "@/lib/env";
import { holdFileLock } from "./file-lock";

/** What the process that runs from a folder tells others that start there. */
export type RunningNote = {
  readonly pid: number;
  readonly isStopping: boolean;
  /** Where its pages are, once that is known. */
  readonly address?: string;
};

const POLL_MS = 100;
/** A signal may be on its way to a process that doesn't say yet that it stops. */
const GRACE_MS = 2_000;
/** A process has 20 s to stop. */
const STOPPING_MS_MAX = 25_000;

const noteFile = (folder: string) => join(folder, "running.json");

let held: { readonly folder: string; note: RunningNote } | null = null;

function changeNote(change: Partial<RunningNote>): void {
  if (!held) return;
  held.note = { ...held.note, ...change };
  writeFileSync(noteFile(held.folder), JSON.stringify(held.note), { mode: 0o600 });
}

/** Tells later starts that this process is about to end, so that they wait for it. */
export const noteStopping = (): void => changeNote({ isStopping: true });
export const noteAddress = (address: string): void => changeNote({ address });

/** Returns the note of the process that runs from the folder, or ran there last. */
export function readRunning(folder: string): RunningNote | null {
  try {
    return JSON.parse(readFileSync(noteFile(folder), "utf8")) as RunningNote;
  } catch {
    return null;
  }
}

/**
 * Makes this process the one that runs from `folder` for as long as it lives. Waits for a process that is stopping.
 *
 * @throws {ConfigurationError} naming the process that runs there and stays
 */
export async function holdFolder(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const startedAt = performance.now();
  let hasSaid = false;
  while (!holdFileLock(join(folder, "running.lock"))) {
    const note = readRunning(folder);
    const process = note ? ` (process ${note.pid})` : "";
    if (performance.now() - startedAt > (note?.isStopping ? STOPPING_MS_MAX : GRACE_MS)) {
      throw new ConfigurationError(
        `Dingkeep runs from this folder already${process}; stop it first, or set DATABASE_URL.`,
      );
    }
    if (note?.isStopping && !hasSaid) {
      hasSaid = true;
      console.log(`Waiting for the Dingkeep that is stopping${process} …`);
    }
    await delay(POLL_MS);
  }
  held = { folder, note: { pid: process.pid, isStopping: false } };
  changeNote({});
}
