import { isBeforeAction } from "@/lib/http/action-course";
import { log } from "@/lib/log";
import { isLogDue } from "@/lib/log-once";

/** Anybody can send malformed bodies to a page's action, so they are one short line a minute. */
function logMalformed(said: readonly unknown[]): void {
  const error = said.find((one) => one instanceof Error);
  if (isLogDue("malformed action"))
    log.warn("the body of a page's action is malformed", { reason: error?.message });
}

/**
 * Makes lines of the log of what libraries print for people (S22): Next writes an action's malformed body and the
 * errors of pages over several coloured lines, as they came.
 */
export function logConsole(): void {
  console.error = (...said: unknown[]) =>
    isBeforeAction() ? logMalformed(said) : log.error("printed", { said });
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
