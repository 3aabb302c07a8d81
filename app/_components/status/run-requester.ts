import type { useTranslations } from "next-intl";
import type { Run } from "@/lib/directory/runs/queries";

/** Why a run is there, and who asked for it if somebody did. */
export function requester(
  { trigger, startedBy, startedByKey }: Pick<Run, "trigger" | "startedBy" | "startedByKey">,
  t: ReturnType<typeof useTranslations<"sync">>,
): string {
  if (trigger !== "manual") return t(`trigger.${trigger}`);
  if (startedByKey) return t("trigger.key", { who: startedByKey });
  return startedBy ? t("trigger.manual", { who: startedBy }) : t("trigger.manualUnknown");
}
