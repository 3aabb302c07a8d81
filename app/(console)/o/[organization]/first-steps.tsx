import { IconCircleCheck, IconRefresh } from "@tabler/icons-react";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { LiveRunLine } from "@/app/_components/live/live-run-line";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { Card } from "@/app/_components/page/card";
import { canSync } from "./apps/[app]/syncs/sync-button";
import type { AppRow } from "./apps/load-apps";
import classes from "./overview.module.css";

type StepProps = {
  readonly number: number;
  readonly is: "done" | "now" | "next";
  readonly title: string;
  readonly children: ReactNode;
};

async function Step({ number, is, title, children }: StepProps) {
  const t = await getTranslations("overview");
  return (
    <li data-step={is} aria-current={is === "now" ? "step" : undefined}>
      {is === "done" && <IconCircleCheck size={24} aria-hidden className={classes.stepIcon} />}
      {is === "now" && <IconRefresh size={24} aria-hidden className={classes.stepIcon} />}
      {is === "next" && (
        <span aria-hidden className={classes.stepNumber}>
          {number}
        </span>
      )}
      <div>
        <strong>
          {title}
          {is === "done" && <span className="visually-hidden">{t("stepDone")}</span>}
        </strong>
        {children}
      </div>
    </li>
  );
}

/** Why the first sync of an app that is connected doesn't run. */
async function Unbegun({ app }: { readonly app: AppRow }) {
  const t = await getTranslations("app");
  const sync = await getTranslations("sync");
  if (!canSync(app.state)) return t(`syncOff.${app.state}`);
  const hasFailed = app.lastRun?.state === "failed" || app.lastRun?.state === "interrupted";
  return hasFailed ? sync("failed") : t("never");
}

type Props = {
  readonly organization: string;
  /** The first app, once there is one. */
  readonly app: AppRow | null;
  readonly mayConnect: boolean;
};

/** The way from nothing to a directory; it stays until there is one. */
export async function FirstSteps({ organization, app, mayConnect }: Props) {
  const t = await getTranslations("overview");
  const words = await getTranslations("app");
  const sync = await getTranslations("sync");
  const runId = app?.summary.activeRunId;
  const base = app && `/o/${organization}/apps/${app.id}`;
  return (
    <Card>
      <ol className={classes.steps}>
        <Step number={1} is={app ? "done" : "next"} title={t("stepConnect")}>
          <span>{app ? t("stepConnected", { name: app.name }) : words("emptyHelp")}</span>
          {!app && mayConnect && (
            <LinkButton href={`/o/${organization}/apps/new`}>{words("connect")}</LinkButton>
          )}
        </Step>
        <Step number={2} is={runId ? "now" : "next"} title={t("stepSync")}>
          {app && runId ? (
            <>
              <LiveRunLine app={app.id} />
              <LinkButton href={`${base}/syncs/${runId}`}>{sync("watch")}</LinkButton>
            </>
          ) : (
            <span>{app ? <Unbegun app={app} /> : t("stepWaits", { n: 1 })}</span>
          )}
        </Step>
        <Step number={3} is="next" title={t("stepTree")}>
          <span>{runId ? t("stepTreeHelp") : t("stepWaits", { n: 2 })}</span>
        </Step>
      </ol>
    </Card>
  );
}
