import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Notice } from "@/app/_components/feedback/notice";
import { Link } from "@/app/_components/navigation/link";
import { DateTime } from "@/app/_components/time/date-time";
import type { RunDetail } from "@/lib/directory/runs/get-run";
import classes from "./decision.module.css";

type Props = { readonly run: RunDetail; readonly base: string };

async function Decided({ run }: Pick<Props, "run">) {
  const t = await getTranslations("sync");
  const held = await getTranslations("held");
  const { decision, decidedAt, decidedBy, decidedByKey, decisionReason } = run;
  if (decision === null || decidedAt === null) return null;
  const who =
    decidedByKey === null ? (decidedBy ?? t("trigger.manualUnknown")) : held("byKey", { who: decidedByKey });
  const parts = {
    time: <DateTime at={decidedAt} isAbsolute />,
    who: <bdi>{who}</bdi>,
    reason: <bdi>{decisionReason}</bdi>,
  };
  return (
    <Notice tone="neutral" title={held("decidedAs", { what: held(`decision.${decision}`) })}>
      {held.rich("decidedBy", { who: () => parts.who, time: () => parts.time })}
      {decision === "rejected" && <p className={classes.explanation}>{t("untouched")}</p>}
      {decisionReason !== null && (
        <p className={classes.explanation}>{held.rich("becauseOf", { reason: () => parts.reason })}</p>
      )}
    </Notice>
  );
}

/** Shows the end of a held run: the decision, the run that replaced it, or its expiry. */
export async function DecisionOutcome({ run, base }: Props) {
  const held = await getTranslations("held");
  const { state, supersededBy } = run;
  const link = (text: ReactNode) => <Link href={`${base}/${supersededBy?.id}`}>{text}</Link>;
  if (state === "superseded") {
    return (
      <Notice tone="neutral">
        {supersededBy ? held.rich("supersededBy", { number: supersededBy.number, link }) : held("superseded")}
      </Notice>
    );
  }
  if (state === "expired") return <Notice tone="neutral">{held("expired")}</Notice>;
  return <Decided run={run} />;
}
