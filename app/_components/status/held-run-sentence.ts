import type { useTranslations } from "next-intl";
import type { HeldRun } from "@/lib/directory/runs/queries";

/** What a run that waits would remove. */
export const heldSentence = (
  { removed, membersRemoved }: Pick<HeldRun, "removed" | "membersRemoved">,
  t: ReturnType<typeof useTranslations<"sync">>,
): string =>
  t("heldWould", {
    what: [
      ...(removed > 0 || membersRemoved === 0 ? [t("departmentCount", { n: removed })] : []),
      ...(membersRemoved > 0 ? [t("memberCount", { n: membersRemoved })] : []),
    ].join(t("and")),
  });
