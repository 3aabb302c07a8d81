import "server-only";
import type { Dingtalk, DingtalkCall } from "@/lib/dingtalk/client";
import { type DingtalkErrorKind, NOT_REACHED } from "@/lib/dingtalk/error-kinds";
import type { CallOutcome } from "./call";
import { recordCall } from "./record-call";

const FAILED: ReadonlySet<string> = new Set<DingtalkErrorKind>([...NOT_REACHED, "temporary_fault"]);

function outcomeOf({ outcome, throttleScope, attempts }: DingtalkCall): CallOutcome {
  if (outcome === "ok") return "ok";
  const isOurs = throttleScope === "own_limiter" || outcome === "renewals_used_up";
  if (isOurs || attempts === 0) return "refused";
  if (outcome === "throttled" || outcome === "ip_banned") return "throttled";
  return FAILED.has(outcome) ? "failed" : "dingtalk_refused";
}

export function withCallRecording(
  dingtalk: Dingtalk,
  app: { readonly organizationId: string; readonly appId: string },
): Dingtalk {
  return {
    ...dingtalk,
    onCall(call) {
      dingtalk.onCall(call);
      const { api: path, startedAtMs: atMs, code: errcode, ...rest } = call;
      recordCall({ ...app, ...rest, keyId: null, atMs, path, errcode, outcome: outcomeOf(call) });
    },
  };
}
