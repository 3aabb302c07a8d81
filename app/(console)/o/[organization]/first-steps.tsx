import { IconCircleCheck, IconCircleDashed, IconRefresh } from "@tabler/icons-react";
import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Card } from "../../../_components/card";
import { LinkButton } from "../../../_components/link-button";
import { LiveRunLine } from "../../../_components/live-run-line";
import type { AppRow } from "./apps/load-apps";
import classes from "./overview.module.css";

const ICONS = { done: IconCircleCheck, now: IconRefresh, next: IconCircleDashed } as const;

type StepProps = {
  readonly is: keyof typeof ICONS;
  readonly title: string;
  readonly children: ReactNode;
};

async function Step({ is, title, children }: StepProps) {
  const t = await getTranslations("overview");
  const Icon = ICONS[is];
  return (
    <li data-step={is} aria-current={is === "now" ? "step" : undefined}>
      <Icon size={24} aria-hidden className={classes.stepIcon} />
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
        <Step is={app ? "done" : "next"} title={t("stepConnect")}>
          <span>{app ? t("stepConnected", { name: app.name }) : words("emptyHelp")}</span>
          {!app && mayConnect && (
            <LinkButton href={`/o/${organization}/apps/new`}>{words("connect")}</LinkButton>
          )}
        </Step>
        <Step is={runId ? "now" : "next"} title={t("stepSync")}>
          {app && runId ? (
            <>
              <LiveRunLine app={app.id} />
              <LinkButton href={`${base}/syncs/${runId}`} variant="default">
                {sync("watch")}
              </LinkButton>
            </>
          ) : (
            <span>{app ? t("stepSyncHelp") : t("stepWaits", { n: 1 })}</span>
          )}
        </Step>
        <Step is="next" title={t("stepTree")}>
          <span>{runId ? t("stepTreeHelp") : t("stepWaits", { n: 2 })}</span>
        </Step>
      </ol>
    </Card>
  );
}
