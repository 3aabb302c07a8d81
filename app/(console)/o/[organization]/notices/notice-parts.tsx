"use client";

import { IconAlertOctagon, IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { useTransition } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { IDLE } from "@/lib/action-state";
import { markNoticesSeenAction } from "./actions";
import type { ShownNotice } from "./load-notices";

/** Tone and icon of a notice while its problem lasts, and after it has ended. */
export const APPEARANCE = {
  degraded: ["caution", IconAlertTriangle],
  broken: ["danger", IconAlertOctagon],
  quota_near: ["caution", IconAlertTriangle],
  quota_used_up: ["danger", IconAlertOctagon],
  held: ["caution", IconAlertTriangle],
  webhook_gone: ["danger", IconAlertOctagon],
  webhook_failing: ["danger", IconAlertOctagon],
} as const;
export const ENDED = ["positive", IconCircleCheck] as const;

const nameOf = (name: string) => () => <bdi>{name}</bdi>;

export function NoticeSentence({ notice }: { readonly notice: Pick<ShownNotice, "name" | "stateLabel"> }) {
  const t = useTranslations("notices");
  return t.rich("sentence", { state: notice.stateLabel, name: nameOf(notice.name) });
}

/** Returns a function that marks one notice or all as seen. After an error the notice stays. */
export function useMarkNoticesSeen(organization: string) {
  const t = useTranslations("notices");
  const [isPending, start] = useTransition();
  const markSeen = (notice: string | null) =>
    start(async () => {
      const form = new FormData();
      if (notice !== null) form.set("notice", notice);
      const answer = await markNoticesSeenAction(organization, IDLE, form).catch(() => null);
      if (answer?.status === "done" && notice === null) announce(t("allSeen"));
    });
  return { isPending, markSeen };
}
