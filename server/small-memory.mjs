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
