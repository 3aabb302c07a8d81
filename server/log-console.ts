import { isBeforeAction } from "@/lib/http/action-progress";
import { log } from "@/lib/log";
import { isLogDue } from "@/lib/log-once";

/** Anybody can send malformed bodies to an action, so at most one line per minute is logged. */
function logMalformed(said: readonly unknown[]): void {
  const error = said.find((one) => one instanceof Error);
  if (isLogDue("malformed action")) log.warn("malformed action body", { reason: error?.message });
}

/**
 * Redirects `console.error` and `console.warn` to the log (S22). Next prints malformed action bodies and page errors
 * over several colored lines, with their content.
 */
export function logConsole(): void {
  console.error = (...said: unknown[]) =>
    isBeforeAction() ? logMalformed(said) : log.error("printed", { said });
  console.warn = (...said: unknown[]) => log.warn("printed", { said });
}

/**
 * Sends to the debug log what libraries print during a start, so that it does not mix with the command's own output.
 */
export async function logPrintedBy<T>(start: () => Promise<T>): Promise<T> {
  const print = console.log;
  console.log = (...said: unknown[]) => log.debug("printed", { said });
  try {
    return await start();
  } finally {
    console.log = print;
  }
}
