import Link from "next/link";
import { getFormatter, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import type { RunDetail } from "@/lib/directory/queries";
import { Card } from "../../../../../../../_components/card";
import { formatDuration } from "../../../../../../../_components/duration";
import { Moment } from "../../../../../../../_components/moment";
import { NextTry } from "../../../../../../../_components/next-try";
import { Notice } from "../../../../../../../_components/notice";
import { RunReason } from "../../../../../../../_components/run-outcome";
import classes from "./run.module.css";

type Props = {
  readonly run: RunDetail;
  /** Of the app's runs. */
  readonly base: string;
  /** When the schedule starts the next run, if it ever does. */
  readonly nextSyncAt: Date | null;
};

const FIGURES = ["added", "changed", "moved", "removed", "unchanged"] as const;

/** How many departments a run found in each way. */
async function Counts({ run }: Pick<Props, "run">) {
  const t = await getTranslations("sync");
  const format = await getFormatter();
  const isSame = run.added + run.changed + run.moved + run.removed === 0;
  if (isSame) return <p className={classes.same}>{t("noChange", { n: run.unchanged })}</p>;
  return (
    <dl className={classes.counts}>
      {FIGURES.map((figure) => (
        <div key={figure} data-none={run[figure] === 0 || undefined}>
          <dt>{t(`figure.${figure}`)}</dt>
          <dd>{format.number(run[figure])}</dd>
        </div>
      ))}
    </dl>
  );
}

const runLink = (href: string) => (text: ReactNode) => <Link href={href}>{text}</Link>;

/** What cut a run off, and what goes on in its place. */
async function Interrupted({ run, base }: Props) {
  const t = await getTranslations("sync");
  const time = () => <Moment at={run.finishedAt ?? run.queuedAt} isAbsolute />;
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

/** Names the interrupted run that this one takes the place of, while it runs and afterwards. */
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

/** Why the run did not do all of its work, if it did not. */
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
          {run.state === "failed" && <NextTry at={nextSyncAt} />}
        </RunReason>
      );
  }
}

/** What a run that is over did, or why it did not. */
export async function RunOutcomeCard(props: Props) {
  const { run } = props;
  const t = await getTranslations("sync");
  const format = await getFormatter();
  const { startedAt, finishedAt } = run;
  const took = startedAt && finishedAt && formatDuration(finishedAt.getTime() - startedAt.getTime(), format);
  const facts = [
    took && t("took", { time: took }),
    t("departments", { n: run.departmentsSeen }),
    t("calls", { n: run.calls }),
    run.throttles > 0 && t("throttles", { n: run.throttles }),
  ].filter(Boolean);
  return (
    <Card>
      <Reason {...props} />
      {run.state === "succeeded" ? <Counts run={run} /> : <p className={classes.same}>{t("untouched")}</p>}
      <p className={classes.meta}>{facts.join(" · ")}</p>
    </Card>
  );
}
