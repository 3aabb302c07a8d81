import { log } from "@/lib/log";

/**
 * Makes lines of the log of what libraries print for people (S22): Next writes an action's malformed body and the
 * errors of pages over several coloured lines, as they came.
 */
export function logConsole(): void {
  console.error = (...said: unknown[]) => log.error("printed", { said });
  console.warn = (...said: unknown[]) => log.warn("printed", { said });
}

/** The same for what is printed while something starts, which would stand among what the command itself says. */
export async function logPrintedBy<T>(start: () => Promise<T>): Promise<T> {
  const print = console.log;
  console.log = (...said: unknown[]) => log.debug("printed", { said });
  try {
    return await start();
  } finally {
    console.log = print;
  }
}
