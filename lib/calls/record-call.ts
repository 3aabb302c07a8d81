import "server-only";
import type { Call } from "./call";
import { logCall, writeCalls } from "./log/log-calls";
import { countCall, writeCounts } from "./quota/count-calls";

/** Takes down a call to DingTalk that is over: for the log, and for the month's quota. It takes no time, and doesn't throw. */
export function noteCall(call: Call): void {
  logCall(call);
  countCall(call);
}

/** Writes what was taken down and is in memory only, at the end of the process. */
export async function writeNoted(): Promise<void> {
  await writeCounts();
  await writeCalls();
}
