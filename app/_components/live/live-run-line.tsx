"use client";

import { IconRefresh } from "@tabler/icons-react";
import { useFormatter, useTranslations } from "next-intl";
import type { LiveRun } from "@/lib/directory/runs/run-states";
import { formatDuration } from "../time/format-duration";
import { useLiveRun } from "./live-page";
import classes from "./live-run-line.module.css";

const SECOND_MS = 1_000;

type Props = {
  readonly app: string;
  /** Shows only the stage and the departments. */
  readonly isShort?: boolean;
};

function useFigures(run: LiveRun) {
  const t = useTranslations("sync");
  const format = useFormatter();
  const { departmentsSeen: n, departmentsExpected: total } = run;
  const departments = total ? t("departmentsOf", { n, total }) : t("departments", { n });
  const { stage, calls, membersSeen, startedAtMs, nowMs } = run;
  const elapsed = startedAtMs !== null && formatDuration(Math.max(SECOND_MS, nowMs - startedAtMs), format);
  return {
    stage: t(`stage.${stage ?? "queued"}`),
    departments,
    more: [
      t("members", { n: membersSeen }),
      t("calls", { n: calls }),
      elapsed ? t("elapsed", { time: elapsed }) : null,
    ],
  };
}

function Figures({ run, isShort }: { readonly run: LiveRun; readonly isShort: boolean }) {
  const { stage, departments, more } = useFigures(run);
  return (
    <>
      <span className={classes.stage}>
        <IconRefresh size={16} aria-hidden className={classes.icon} />
        {stage}
      </span>
      {run.startedAtMs !== null && <span>{departments}</span>}
      {!isShort && run.startedAtMs !== null && more.map((text) => text && <span key={text}>{text}</span>)}
    </>
  );
}

/** The progress of an app's active sync, from the surrounding `LivePage`; nothing without one. */
export function LiveRunLine({ app, isShort = false }: Props) {
  const t = useTranslations("sync");
  const { run, isDisconnected } = useLiveRun(app);
  if (!run) return null;
  return (
    <span className={classes.line} data-live-run>
      <Figures run={run} isShort={isShort} />
      {isDisconnected && <span className={classes.disconnected}>{t("reconnecting")}</span>}
    </span>
  );
}
