import "server-only";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import type { BeginningCall } from "@/lib/gateway/report";
import { findMonthlyStop } from "./monthly-stop";

/** @throws {DingtalkError} `quota_used_up`; {AppError} `rate_limited` when the key has used its monthly share */
export async function assertWithinQuota(call: BeginningCall): Promise<void> {
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
