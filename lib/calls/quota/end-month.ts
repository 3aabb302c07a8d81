import "server-only";
import { endQuotaNoticesBefore } from "@/lib/notices/record-quota";
import { monthOf, monthStartMs } from "./month";

/** What was told of months before this one is over: their calls are counted no more. */
export const endQuotaMonth = (organizationId: string, nowMs = Date.now()): Promise<unknown> =>
  endQuotaNoticesBefore(organizationId, new Date(monthStartMs(monthOf(nowMs))));
