import { setFlagsFromString } from "node:v8";

// Two reserves make up a third of a loaded server's memory: glibc gives each thread its own arena, and V8 lets 48 MB of
// young objects pile up. Neither can be changed in a running process.
const YOUNG_HEAP = "--max-semi-space-size=8";
const ARENAS = "2";

/**
 * Replaces this process by one with small reserves. Process id, parent and streams stay the same. Does nothing the
 * second time, and on Windows, which cannot replace a process.
 *
 * @param {readonly string[]} args the program and its arguments
 */
export function restartWithSmallReserves(args) {
  if (!process.execve || process.execArgv.includes(YOUNG_HEAP)) return;
  process.execve(process.execPath, [process.execPath, YOUNG_HEAP, ...process.execArgv, ...args], {
    ...process.env,
    MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? ARENAS,
  });
}

/**
 * Makes V8 collect garbage after 20 % of growth. By default it waits twice as long, to be faster, while directories in
 * memory and rendered pages leave megabytes behind.
 */
export const collectGarbageEarly = () => setFlagsFromString("--heap-growing-percent=20");
