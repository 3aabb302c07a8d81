import "server-only";
import type { ContactScopes } from "@/lib/dingtalk/contact-scope";
import { describePartialScope } from "@/lib/dingtalk/contact-scope";
import { countMembers } from "@/lib/dingtalk/members";
import { resultOf, type WithCaller } from "./connection-checks";
import { type Finding, failed, finding, passed } from "./findings";

/** Differences up to 5 % or 5 members are explained by changes since the last sync. */
const SHARE_MAX = 0.05;
const FEW = 5;

type HeadcountContext = {
  /** Stored members; `null` before the first complete sync. */
  readonly storedMembers: number | null;
  readonly scopes: ContactScopes | null;
};

/** Compares DingTalk's count of members, which ignores the authorized scope, with the stored members. */
function headcountFinding(n: number, { storedMembers, scopes }: HeadcountContext): Finding {
  if (storedMembers === null) return passed({ n });
  const isFullRun = scopes !== null && describePartialScope(scopes) === null;
  const isNear = Math.abs(n - storedMembers) <= Math.max(FEW, n * SHARE_MAX);
  return finding(isNear || !isFullRun ? "passed" : "warning", { n, held: storedMembers });
}

export async function checkHeadcount({
  dingtalk,
  caller,
  findings,
  storedMembers,
  scopes,
  wants,
}: WithCaller): Promise<void> {
  if (!wants("headcount")) return;
  const counted = await resultOf(countMembers(dingtalk, caller, { onlyActive: false }));
  findings.set(
    "headcount",
    counted.ok ? headcountFinding(counted.value, { storedMembers, scopes }) : failed(counted.error),
  );
}
