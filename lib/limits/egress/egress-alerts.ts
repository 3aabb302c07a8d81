import "server-only";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { operatorAdvice } from "@/lib/dingtalk/operator-advice";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";

/** What DingTalk says of the address that all organizations share: the operator's to mend, and no tenant's fault. */
type Alert = { count: number; loggedAtMs: number };

const LOG_EVERY_MS = 10 * 60_000;

const newAlert = (): Alert => ({ count: 0, loggedAtMs: -Infinity });

const alerts = () =>
  processWide("limiter.alerts", () => ({
    bans: newAlert(),
    tooManyCorps: newAlert(),
  }));

function raise(alert: Alert, message: string, nowMs: number): void {
  alert.count += 1;
  if (nowMs - alert.loggedAtMs < LOG_EVERY_MS) return;
  alert.loggedAtMs = nowMs;
  log.error(message, { advice: operatorAdvice("throttled", "ip_corps"), count: alert.count });
}

/** Counts a ban of our address that a call of our own confirmed; logs it at most every ten minutes. */
export const noteBan = (nowMs = Date.now()): void =>
  raise(alerts().bans, "DingTalk has banned this server's address", nowMs);

/** Takes down what an exchange says of our address; in the log at most every ten minutes. */
export function noteEgress({ throttleScope }: DingtalkAttempt, nowMs = Date.now()): void {
  if (throttleScope === "ip_corps")
    raise(
      alerts().tooManyCorps,
      "DingTalk finds too many organizations behind this server's address (90017)",
      nowMs,
    );
}

/** How often this process was told so since it began, for metrics. */
export const readEgressAlerts = (): { readonly bans: number; readonly tooManyCorps: number } => {
  const { bans, tooManyCorps } = alerts();
  return { bans: bans.count, tooManyCorps: tooManyCorps.count };
};
