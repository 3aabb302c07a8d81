import "server-only";
import type { Call } from "./call";
import { logCall } from "./log/log-calls";

/** Takes down a call to DingTalk that is over. It takes no time, and doesn't throw. */
export function noteCall(call: Call): void {
  logCall(call);
}
