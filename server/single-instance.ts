import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ConfigurationError } from "@/lib/env";
import { holdFileLock } from "./file-lock";

/** Written for other processes that start in the same folder. */
export type RunningNote = {
  readonly pid: number;
  readonly isStopping: boolean;
  /** Address of the pages, once it is known. */
  readonly address?: string;
};

const POLL_MS = 100;
/** A process that received a signal may need this long to write that it is stopping. */
const GRACE_MS = 2_000;
/** Longer than the 20 s that a process has to stop. */
const STOPPING_MS_MAX = 25_000;

const noteFile = (folder: string) => join(folder, "running.json");

let held: { readonly folder: string; note: RunningNote } | null = null;

function changeNote(change: Partial<RunningNote>): void {
  if (!held) return;
  held.note = { ...held.note, ...change };
  writeFileSync(noteFile(held.folder), JSON.stringify(held.note), { mode: 0o600 });
}

/** Records that this process is stopping, so that a later start waits for it. */
export const recordStopping = (): void => changeNote({ isStopping: true });
export const recordAddress = (address: string): void => changeNote({ address });

/** Returns the note of the process that runs from the folder, or of the last one that did. */
export function readRunning(folder: string): RunningNote | null {
  try {
    return JSON.parse(readFileSync(noteFile(folder), "utf8")) as RunningNote;
  } catch {
    return null;
  }
}

/**
 * Makes this process the only one that runs from `folder`, for as long as it lives. Waits for a process that is
 * stopping.
 *
 * @throws {ConfigurationError} naming the process that already runs there
 */
export async function lockFolder(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const startedAt = performance.now();
  let hasSaid = false;
  while (!holdFileLock(join(folder, "running.lock"))) {
    const note = readRunning(folder);
    const process = note ? ` (process ${note.pid})` : "";
    if (performance.now() - startedAt > (note?.isStopping ? STOPPING_MS_MAX : GRACE_MS)) {
      throw new ConfigurationError(
        `Dingkeep already runs from this folder${process}. Stop it first, or set DATABASE_URL.`,
      );
    }
    if (note?.isStopping && !hasSaid) {
      hasSaid = true;
      console.log(`Waiting for Dingkeep to stop${process} …`);
    }
    await delay(POLL_MS);
  }
  held = { folder, note: { pid: process.pid, isStopping: false } };
  changeNote({});
}
