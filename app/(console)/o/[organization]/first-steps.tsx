import { IconCircleCheck, IconRefresh } from "@tabler/icons-react";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { LiveRunLine } from "@/app/_components/live/live-run-line";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { Card } from "@/app/_components/page/card";
import { canSync } from "@/lib/directory/runs/run-states";
import type { AppRow } from "./apps/load-apps";
import classes from "./overview.module.css";

type StepProps = {
  readonly number: number;
  readonly status: "done" | "now" | "next";
  readonly title: string;
  readonly children: ReactNode;
};

async function Step({ number, status, title, children }: StepProps) {
  const t = await getTranslations("overview");
  return (
    <li data-step={status} aria-current={status === "now" ? "step" : undefined}>
      {status === "done" && <IconCircleCheck size={24} aria-hidden className={classes.stepIcon} />}
      {status === "now" && <IconRefresh size={24} aria-hidden className={classes.stepIcon} />}
      {status === "next" && (
        <span aria-hidden className={classes.stepNumber}>
          {number}
        </span>
      )}
      <div>
        <strong>
          {title}
          {status === "done" && <span className="visually-hidden">{t("stepDone")}</span>}
        </strong>
        {children}
      </div>
    </li>
  );
}

/** Says why a connected app's first sync isn't running. */
async function NotSyncing({ app }: { readonly app: AppRow }) {
  const t = await getTranslations("app");
  const sync = await getTranslations("sync");
  if (!canSync(app.state)) return t(`syncOff.${app.state}`);
  const hasFailed = app.lastRun?.state === "failed" || app.lastRun?.state === "interrupted";
  return hasFailed ? sync("failed") : t("never");
}

type Props = {
  readonly organization: string;
  readonly app: AppRow | null;
  readonly mayConnect: boolean;
};

/** The steps from a new organization to its first directory. */
export async function FirstSteps({ organization, app, mayConnect }: Props) {
  const t = await getTranslations("overview");
  const appText = await getTranslations("app");
  const sync = await getTranslations("sync");
  const runId = app?.summary.activeRunId;
  const base = app && `/o/${organization}/apps/${app.id}`;
  return (
    <Card>
      <ol className={classes.steps}>
        <Step number={1} status={app ? "done" : "next"} title={t("stepConnect")}>
          <span>{app ? t("stepConnected", { name: app.name }) : appText("emptyHelp")}</span>
          {!app && mayConnect && (
            <LinkButton href={`/o/${organization}/apps/new`}>{appText("connect")}</LinkButton>
          )}
        </Step>
        <Step number={2} status={runId ? "now" : "next"} title={t("stepSync")}>
          {app && runId ? (
            <>
              <LiveRunLine app={app.id} />
              <LinkButton href={`${base}/syncs/${runId}`}>{sync("watch")}</LinkButton>
            </>
          ) : (
            <span>{app ? <NotSyncing app={app} /> : t("stepWaits", { n: 1 })}</span>
          )}
        </Step>
        <Step number={3} status="next" title={t("stepTree")}>
          <span>{runId ? t("stepTreeHelp") : t("stepWaits", { n: 2 })}</span>
        </Step>
      </ol>
    </Card>
  );
}
