import "server-only";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { type BeginningCall, type GatewayCall, onBegin, onCall } from "@/lib/gateway/report";
import { processWide } from "@/lib/process-wide";
import { findMonthlyStop } from "./quota/monthly-stop";
import { recordCall } from "./record-call";

function recordGatewayCall({ at, ms, bytesOut, ...call }: GatewayCall): void {
  recordCall({ ...call, atMs: at.getTime(), durationMs: ms, bytes: bytesOut });
}

/** @throws {DingtalkError} `quota_used_up`; {AppError} `rate_limited` when the key has used its monthly share */
async function assertWithinQuota(call: BeginningCall): Promise<void> {
  const nowMs = Date.now();
  const stop = await findMonthlyStop(call, nowMs);
  if (!stop) return;
  const retryAfterMs = stop.untilMs - nowMs;
  if (stop.because === "share") {
    const retryAfterSeconds = Math.ceil(retryAfterMs / 1_000);
    throw new AppError("rate_limited", "the key has used its monthly share", {
      detail: "monthlyShare",
      retryAfterSeconds,
    });
  }
  const upstream = { host: "", code: "90020", message: "the monthly quota is used up; not sent by Dingkeep" };
  throw new DingtalkError({ kind: "quota_used_up", api: call.path, upstream, retryAfterMs });
}

/** Registers the gateway's listeners of this process: one records calls, one refuses calls beyond the monthly quota. */
export function observeGateway(): void {
  processWide("calls.followed", () => {
    onCall(recordGatewayCall);
    onBegin(assertWithinQuota);
    return {};
  });
}
