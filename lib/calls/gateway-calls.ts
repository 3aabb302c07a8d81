import "server-only";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { type BeginningCall, type GatewayCall, onBegin, onCall } from "@/lib/gateway/report";
import { processWide } from "@/lib/process-wide";
import { findQuotaStop } from "./quota/monthly-stop";
import { noteCall } from "./record-call";

function noteGatewayCall({ at, ms, bytesOut, ...call }: GatewayCall): void {
  noteCall({ ...call, atMs: at.getTime(), durationMs: ms, bytes: bytesOut });
}

/** @throws {DingtalkError} `quota_used_up`; {AppError} `rate_limited` when the key has had its share */
async function assertWithinQuota(call: BeginningCall): Promise<void> {
  const nowMs = Date.now();
  const stop = await findQuotaStop(call, nowMs);
  if (!stop) return;
  const retryAfterMs = stop.untilMs - nowMs;
  if (stop.because === "share") {
    const retryAfterSeconds = Math.ceil(retryAfterMs / 1_000);
    throw new AppError("rate_limited", "the key has had its share of the month's calls", {
      detail: "monthlyShare",
      retryAfterSeconds,
    });
  }
  const upstream = { host: "", code: "90020", message: "the month's calls are used up; held back by us" };
  throw new DingtalkError({ kind: "quota_used_up", api: call.path, upstream, retryAfterMs });
}

/** Notes the gateway's calls of this process, and holds back those that the month has no room for. Once. */
export function followGateway(): void {
  processWide("calls.followed", () => {
    onCall(noteGatewayCall);
    onBegin(assertWithinQuota);
    return {};
  });
}
