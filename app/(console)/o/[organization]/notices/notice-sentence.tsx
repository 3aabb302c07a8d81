"use client";

import { useTranslations } from "next-intl";
import type { NoticeWords } from "./load-notices";

const nameOf = (name: string) => () => <bdi>{name}</bdi>;

/** Which app, and what it is since then. */
export function NoticeSentence({ notice }: { readonly notice: Pick<NoticeWords, "appName" | "stateWord"> }) {
  const t = useTranslations("notices");
  return t.rich("sentence", { state: notice.stateWord, name: nameOf(notice.appName) });
}
