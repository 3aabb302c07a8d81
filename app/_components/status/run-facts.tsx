import type { useTranslations } from "next-intl";
import { getFormatter, getTranslations } from "next-intl/server";
import type { HeldRun } from "@/lib/directory/runs/held-runs";
import type { Run } from "@/lib/directory/runs/run";
import { countsOf } from "@/lib/directory/runs/run-counts";
import { DateTime } from "../time/date-time";

type CountsProps = { readonly run: Run; readonly of: "departments" | "members" };

/** Shows a run's changes as `+1 ~2 ↷0 −3`, with a full sentence for screen readers. */
export async function RunChangeCounts({ run, of }: CountsProps) {
  const t = await getTranslations("sync");
  const format = await getFormatter();
  const { added, changed, moved, removed } = countsOf(run, of);
  if (added + changed + moved + removed === 0) return t("noneChanged");
  const signs = [
    ["+", added],
    ["~", changed],
    ["↷", moved],
    ["−", removed],
  ] as const;
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      <span aria-hidden>{signs.map(([sign, n]) => `${sign}${format.number(n)}`).join(" ")}</span>
      <span className="visually-hidden">{t("counts", { a: added, c: changed, m: moved, r: removed })}</span>
    </span>
  );
}

/**
 * Says when a failed run is retried automatically.
 *
 * @param at start of the next scheduled run; `null` when none is scheduled
 */
export async function NextRetry({ at }: { readonly at: Date | null }) {
  const t = await getTranslations("sync");
  if (!at) return t("retryNever");
  return t.rich("retryAt", { time: () => <DateTime at={at} /> });
}

/** Says what a held run would remove. */
export const heldRunSummary = (
  { removed, membersRemoved }: Pick<HeldRun, "removed" | "membersRemoved">,
  t: ReturnType<typeof useTranslations<"sync">>,
): string =>
  t("heldWould", {
    what: [
      ...(removed > 0 || membersRemoved === 0 ? [t("departmentCount", { n: removed })] : []),
      ...(membersRemoved > 0 ? [t("memberCount", { n: membersRemoved })] : []),
    ].join(t("and")),
  });

/** Names a run's trigger and, for a manual run, the user or API key that started it. */
export function triggerText(
  { trigger, startedBy, startedByKey }: Pick<Run, "trigger" | "startedBy" | "startedByKey">,
  t: ReturnType<typeof useTranslations<"sync">>,
): string {
  if (trigger !== "manual") return t(`trigger.${trigger}`);
  if (startedByKey) return t("trigger.key", { who: startedByKey });
  return startedBy ? t("trigger.manual", { who: startedBy }) : t("trigger.manualUnknown");
}
