import "server-only";
import { type GatewayCall, onBegin, onCall } from "@/lib/gateway/report";
import { processWide } from "@/lib/process-wide";
import { assertWithinQuota } from "./quota/monthly-stop";
import { recordCall } from "./record-call";

function recordGatewayCall({ at, ms, bytesOut, ...call }: GatewayCall): void {
  recordCall({ ...call, atMs: at.getTime(), durationMs: ms, bytes: bytesOut });
}

/** Registers the gateway's listeners of this process: one records calls, one refuses calls beyond the monthly quota. */
export function observeGateway(): void {
  processWide("calls.followed", () => {
    onCall(recordGatewayCall);
    onBegin(assertWithinQuota);
    return {};
  });
}
