import "server-only";
import type { Call } from "./call";
import { logCall, writeCalls } from "./log/log-calls";
import { countCall, writeCounts } from "./quota/count-calls";

/** Adds a finished call to the log and to the monthly counts, in memory. Never throws. */
export function recordCall(call: Call): void {
  logCall(call);
  countCall(call);
}

export async function writeRecordedCalls(): Promise<void> {
  await writeCounts();
  await writeCalls();
}
