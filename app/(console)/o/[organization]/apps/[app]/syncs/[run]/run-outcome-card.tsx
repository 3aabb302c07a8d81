import { getFormatter, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Notice } from "@/app/_components/feedback/notice";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { NextRetry } from "@/app/_components/status/run-facts";
import { RunReason } from "@/app/_components/status/run-reason";
import { DateTime } from "@/app/_components/time/date-time";
import { formatDuration } from "@/app/_components/time/format-duration";
import type { RunDetail } from "@/lib/directory/runs/get-run";
import { countsOf } from "@/lib/directory/runs/run-counts";
import { type CallsByApi, hasPlan, wasHeld } from "@/lib/directory/runs/run-states";
import { DecisionOutcome } from "./decision/decision-outcome";
import classes from "./run.module.css";

type Props = {
  readonly run: RunDetail;
  /** Address of the app's runs. */
  readonly base: string;
  /** Start of the next scheduled run. */
  readonly nextSyncAt: Date | null;
};

const FIGURES = ["added", "changed", "moved", "removed", "unchanged"] as const;

const isUnchanged = (run: RunDetail, of: "departments" | "members") => {
  const { added, changed, moved, removed } = countsOf(run, of);
  return added + changed + moved + removed === 0;
};

/** A run's counts by kind of change. */
async function Counts({ run }: Pick<Props, "run">) {
  const t = await getTranslations("sync");
  const format = await getFormatter();
  if (isUnchanged(run, "departments") && isUnchanged(run, "members")) {
    const { unchanged: n, membersUnchanged: m } = run;
    return <p className={classes.same}>{m > 0 ? t("noChangeAll", { n, m }) : t("noChange", { n })}</p>;
  }
  return (["departments", "members"] as const).map((of) => {
    const counts = countsOf(run, of);
    return (
      <div key={of} className={classes.counted}>
        <h2>{t(`column.${of}`)}</h2>
        <dl className={classes.counts}>
          {FIGURES.map((figure) => (
            <div key={figure} data-none={counts[figure] === 0 || undefined}>
              <dt>{t(`figure.${figure}`)}</dt>
              <dd>{format.number(counts[figure])}</dd>
            </div>
          ))}
        </dl>
      </div>
    );
  });
}

const sum = (calls: CallsByApi) => Object.values(calls).reduce((all, made) => all + made, 0);

/** Calls per DingTalk API, with the minimum a sync needs. */
async function Calls({ run: { callsByApi, leastCalls } }: Pick<Props, "run">) {
  const t = await getTranslations("sync");
  if (leastCalls === null) return null;
  const apis = [...new Set([...Object.keys(callsByApi), ...Object.keys(leastCalls)])].sort();
  return (
    <details className={classes.calls}>
      <summary>{t("callsOfTitle")}</summary>
      <dl className={classes.apis}>
        {apis.map((api) => (
          <div key={api}>
            <dt>
              <code>{api}</code>
            </dt>
            <dd>{t("callsOf", { n: callsByApi[api] ?? 0, least: leastCalls[api] ?? 0 })}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

const runLink = (href: string) => (text: ReactNode) => <Link href={href}>{text}</Link>;

/** Says when a run was interrupted, and which run continues it. */
async function Interrupted({ run, base }: Props) {
  const t = await getTranslations("sync");
  const time = () => <DateTime at={run.finishedAt ?? run.queuedAt} isAbsolute />;
  const { resumedBy } = run;
  return (
    <Notice tone="caution">
      {t.rich("cutOff", { time })}{" "}
      {resumedBy
        ? t.rich("continuedBy", { number: resumedBy.number, link: runLink(`${base}/${resumedBy.id}`) })
        : t("notContinued")}
    </Notice>
  );
}

/** Names the interrupted run that this run continues. */
export async function Continues({ run, base }: Pick<Props, "run" | "base">) {
  const t = await getTranslations("sync");
  const { resumes } = run;
  if (!resumes) return null;
  return (
    <p className={classes.meta}>
      {t.rich("continues", { number: resumes.number, link: runLink(`${base}/${resumes.id}`) })}
    </p>
  );
}

/** Explains why the run is incomplete. */
async function Reason({ run, base, nextSyncAt }: Props) {
  const t = await getTranslations("sync");
  switch (run.state) {
    case "interrupted":
      return <Interrupted run={run} base={base} nextSyncAt={nextSyncAt} />;
    case "cancelled":
      return run.error ? (
        <RunReason error={run.error} isFailure={false} />
      ) : (
        <Notice tone="neutral">{t("cancelled")}</Notice>
      );
    default:
      return (
        <RunReason error={run.error} isFailure={run.state === "failed"}>
          {run.state === "failed" && <NextRetry at={nextSyncAt} />}
          {run.state === "succeeded" && !run.isComplete && t("incomplete")}
        </RunReason>
      );
  }
}

/** The outcome of a finished run. */
export async function RunOutcomeCard(props: Props) {
  const { run } = props;
  const t = await getTranslations("sync");
  const format = await getFormatter();
  const { startedAt, finishedAt } = run;
  const took = startedAt && finishedAt && formatDuration(finishedAt.getTime() - startedAt.getTime(), format);
  const facts = [
    took && t("took", { time: took }),
    t("departments", { n: run.departmentsSeen }),
    t("members", { n: run.membersSeen }),
    run.leastCalls
      ? t("callsMade", { n: run.calls, least: sum(run.leastCalls) })
      : t("calls", { n: run.calls }),
    run.strategy && t(`strategy.${run.strategy}`),
    run.throttles > 0 && t("throttles", { n: run.throttles }),
    run.missedEvents !== null && t("missedEvents", { n: run.missedEvents }),
  ].filter(Boolean);
  return (
    <Card>
      <Reason {...props} />
      {run.mode === "preview" && run.state === "succeeded" && (
        <Notice tone="active" title={t("previewTitle")}>
          {t("previewHelp")}
        </Notice>
      )}
      {wasHeld(run.state) || run.decision !== null ? <DecisionOutcome run={run} base={props.base} /> : null}
      {hasPlan(run) ? <Counts run={run} /> : <p className={classes.same}>{t("untouched")}</p>}
      <p className={classes.meta}>{facts.join(" · ")}</p>
      <Calls run={run} />
    </Card>
  );
}
