"use client";

import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { formatDuration } from "@/app/_components/time/format-duration";

/** A countdown to the token's expiry, hidden from screen readers because the fixed time is beside it. */
export function Countdown({ untilMs }: { readonly untilMs: number }) {
  const t = useTranslations("token");
  const format = useFormatter();
  // Empty in the first render, because server and browser clocks would render different texts.
  const [nowMs, setNowMs] = useState<number | null>(null);
  useEffect(() => {
    const tick = () => setNowMs(Date.now());
    tick();
    const timer = setInterval(tick, 1_000);
    return () => clearInterval(timer);
  }, []);
  if (nowMs === null) return null;
  const leftMs = untilMs - nowMs;
  return (
    <span aria-hidden style={{ color: "var(--dk-text-dimmed)", fontVariantNumeric: "tabular-nums" }}>
      {leftMs > 0 ? t("expiresIn", { duration: formatDuration(leftMs, format) }) : t("expired")}
    </span>
  );
}
