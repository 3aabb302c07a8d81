"use client";

import { Progress } from "@mantine/core";
import { IconCheck, IconCircleDashed, IconRefresh } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { useFormatter, useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";
import { isUnderWay, type RunProgress, runProgress } from "@/lib/directory/schema";
import { announce } from "../../../../../../../_components/announce";
import { Card } from "../../../../../../../_components/card";
import { formatDuration } from "../../../../../../../_components/duration";
import { Notice } from "../../../../../../../_components/notice";
import classes from "./run.module.css";

const STAGES = ["read", "plan", "write"] as const;

/** Follows a run's feed; the browser reconnects by itself when it breaks. */
function useProgress(initial: RunProgress, feed: string) {
  const router = useRouter();
  const [progress, setProgress] = useState(initial);
  const [isLost, setIsLost] = useState(false);
  const shown = useRef(initial.state);
  useEffect(() => {
    const source = new EventSource(feed);
    source.addEventListener("open", () => setIsLost(false));
    source.addEventListener("error", () => setIsLost(true));
    source.addEventListener("message", (event) => {
      const next = runProgress.parse(JSON.parse(String(event.data)));
      setProgress(next);
      // What the server rendered around this, the state in the head and the buttons, is of another state now.
      if (next.state !== shown.current) router.refresh();
      shown.current = next.state;
      if (!isUnderWay(next.state)) source.close();
    });
    return () => source.close();
  }, [feed, router]);
  return { progress, isLost };
}

function Stages({ stage }: { readonly stage: RunProgress["stage"] }) {
  const t = useTranslations("sync.stage");
  const current = stage === null ? -1 : STAGES.indexOf(stage);
  return (
    <ol className={classes.stages}>
      {STAGES.map((name, index) => {
        const Icon = index < current ? IconCheck : index === current ? IconRefresh : IconCircleDashed;
        return (
          <li key={name} aria-current={index === current ? "step" : undefined}>
            <Icon size={16} aria-hidden />
            {t(name)}
          </li>
        );
      })}
    </ol>
  );
}

type Props = { readonly initial: RunProgress; readonly feed: string };

/** A run under way: what it does, how far it is, how fast. Nothing is estimated that nobody knows. */
export function LiveRun({ initial, feed }: Props) {
  const t = useTranslations("sync");
  const format = useFormatter();
  const { progress, isLost } = useProgress(initial, feed);
  const {
    stage,
    departmentsSeen: seen,
    departmentsExpected: total,
    calls,
    throttles,
    startedAtMs,
    nowMs,
  } = progress;
  const state = useTranslations("state.run");
  const spoken = isUnderWay(progress.state) ? t(`stage.${stage ?? "queued"}`) : state(progress.state);
  useEffect(() => announce(spoken), [spoken]);
  const elapsedMs = startedAtMs === null ? 0 : Math.max(0, nowMs - startedAtMs);
  // One call for each department, whenever it was first seen: calls tell how far it is, departments don't.
  const share = total ? Math.min(1, calls / total) : null;
  const remainingMs = share && share > 0.05 && share < 1 ? (elapsedMs * (1 - share)) / share : null;
  const sentence = total ? t("departmentsOf", { n: seen, total }) : t("departments", { n: seen });
  const rate =
    elapsedMs > 2_000 ? format.number((calls * 1_000) / elapsedMs, { maximumFractionDigits: 1 }) : null;
  return (
    <Card>
      {isLost && <Notice tone="caution">{t("reconnecting")}</Notice>}
      <Stages stage={stage} />
      {share !== null && (
        <Progress.Root size="lg">
          <Progress.Section value={share * 100} aria-label={t("progress")} aria-valuetext={sentence} />
        </Progress.Root>
      )}
      <p className={classes.figures}>
        <span>{sentence}</span>
        <span>{t("calls", { n: calls })}</span>
        {rate && <span>{t("rate", { n: rate })}</span>}
        {startedAtMs !== null && <span>{t("elapsed", { time: formatDuration(elapsedMs, format) })}</span>}
        {remainingMs !== null && <span>{t("remaining", { time: formatDuration(remainingMs, format) })}</span>}
        {throttles > 0 && <span>{t("throttles", { n: throttles })}</span>}
      </p>
    </Card>
  );
}
