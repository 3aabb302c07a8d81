"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { Notice } from "@/app/_components/feedback/notice";

/** Why this run is shown, and not a new one. Its mark leaves the address, which names the run and may be sent on. */
export function AlreadyRunning() {
  const t = useTranslations("sync");
  const path = usePathname();
  const sentence = t("already");
  useEffect(() => {
    announce(sentence);
    window.history.replaceState(null, "", path);
  }, [path, sentence]);
  return (
    <div style={{ marginTop: 16 }}>
      <Notice tone="active">{sentence}</Notice>
    </div>
  );
}
