import { setFlagsFromString } from "node:v8";

// Two kinds of slack make up a third of a loaded server's memory: glibc gives each thread an arena of its own, and V8 lets 48 MB
// of young objects pile up. Neither can be set once a process runs.
const YOUNG_HEAP = "--max-semi-space-size=8";
const ARENAS = "2";

/**
 * Starts this process over with little slack, in its place: its id, parent and streams stay. Does nothing the second time,
 * and on Windows, where a process can't be replaced.
 *
 * @param {readonly string[]} args the program and its arguments
 */
export function runWithLittleSlack(args) {
  if (!process.execve || process.execArgv.includes(YOUNG_HEAP)) return;
  process.execve(process.execPath, [process.execPath, YOUNG_HEAP, ...process.execArgv, ...args], {
    ...process.env,
    MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? ARENAS,
  });
}

/**
 * Makes V8 collect garbage after 20 % of growth. A large directory stays in memory while it is read, and each rendered page
 * leaves megabytes behind. By default, V8 lets twice as much pile up, for a speed that this work does not need.
 */
export const collectGarbageEarly = () => setFlagsFromString("--heap-growing-percent=20");
