import Link from "next/link";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import type { RunDetail } from "@/lib/directory/queries";
import { Moment } from "../../../../../../../_components/moment";
import { Notice } from "../../../../../../../_components/notice";
import classes from "./held.module.css";

type Props = { readonly run: RunDetail; readonly base: string };

async function Decided({ run }: Pick<Props, "run">) {
  const t = await getTranslations("sync");
  const { decision, decidedAt, decidedBy, decidedByKey, decisionReason } = run;
  if (decision === null || decidedAt === null) return null;
  const who =
    decidedByKey === null
      ? (decidedBy ?? t("trigger.manualUnknown"))
      : t("trigger.key", { who: decidedByKey });
  const parts = {
    time: <Moment at={decidedAt} isAbsolute />,
    who: <bdi>{who}</bdi>,
    reason: <bdi>{decisionReason}</bdi>,
  };
  return (
    <Notice tone="neutral" title={t(`held.decision.${decision}`)}>
      {t.rich("held.decidedBy", { who: () => parts.who, time: () => parts.time })}
      {decisionReason !== null && (
        <p className={classes.said}>{t.rich("held.becauseOf", { reason: () => parts.reason })}</p>
      )}
    </Notice>
  );
}

/** What became of a plan that waited: who decided, what replaced it, or that nobody did in time. */
export async function HeldOutcome({ run, base }: Props) {
  const t = await getTranslations("sync");
  const { state, supersededBy } = run;
  const link = (text: ReactNode) => <Link href={`${base}/${supersededBy?.id}`}>{text}</Link>;
  if (state === "superseded") {
    return (
      <Notice tone="neutral">
        {supersededBy
          ? t.rich("held.supersededBy", { number: supersededBy.number, link })
          : t("held.superseded")}
      </Notice>
    );
  }
  if (state === "expired") return <Notice tone="neutral">{t("held.expired")}</Notice>;
  return <Decided run={run} />;
}
