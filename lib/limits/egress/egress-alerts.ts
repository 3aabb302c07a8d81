import "server-only";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { operatorAdvice } from "@/lib/dingtalk/operator-advice";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";

/** An alert about the address that all organizations share, which only the operator can resolve. */
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

/** Counts a confirmed ban of this server's address; logs it at most every ten minutes. */
export const noteBan = (nowMs = Date.now()): void =>
  raise(alerts().bans, "DingTalk has banned this server's address", nowMs);

/** Counts an answer that too many organizations share this server's address (90017); logs it at most every ten minutes. */
export function noteEgress({ throttleScope }: DingtalkAttempt, nowMs = Date.now()): void {
  if (throttleScope === "ip_corps")
    raise(
      alerts().tooManyCorps,
      "DingTalk finds too many organizations behind this server's address (90017)",
      nowMs,
    );
}

export const readEgressAlerts = (): { readonly bans: number; readonly tooManyCorps: number } => {
  const { bans, tooManyCorps } = alerts();
  return { bans: bans.count, tooManyCorps: tooManyCorps.count };
};
