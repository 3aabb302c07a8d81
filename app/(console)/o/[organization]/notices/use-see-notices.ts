"use client";

import { useTransition } from "react";
import { IDLE } from "@/lib/action-state";
import { seeNoticesAction } from "./actions";

/** Marks a notice as seen, or all of them. Where no answer comes it is simply told once more. */
export function useSeeNotices(organization: string) {
  const [isPending, start] = useTransition();
  const see = (notice: string | null) =>
    start(async () => {
      const form = new FormData();
      if (notice !== null) form.set("notice", notice);
      await seeNoticesAction(organization, IDLE, form).catch(() => {});
    });
  return { isPending, see };
}
