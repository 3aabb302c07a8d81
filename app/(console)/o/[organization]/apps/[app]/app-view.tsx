import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { Notice } from "@/app/_components/feedback/notice";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { QuotaNotice } from "@/app/_components/status/quota";
import { heldRunSummary } from "@/app/_components/status/run-facts";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import classes from "./app.module.css";
import { type AppViewData, CredentialsCard, QuotaCard, SyncCard, TokenCard } from "./app-cards";
import { AppMenu } from "./app-menu";
import { AppProblem } from "./app-problem";
import { ConnectionTestOutcome } from "./connection-test";
import { EventsCard } from "./events/events-card";
import { SyncButton } from "./syncs/sync-button";

/** The app's state, and since when. */
export async function AppState({ app }: Pick<AppViewData, "app">): Promise<ReactNode> {
  const t = await getTranslations("app");
  return (
    <>
      <StateBadge kind="app" state={app.state} />
      <span className={classes.since}>
        {t("since")} <DateTime at={app.stateSince} isAbsolute />
      </span>
    </>
  );
}

/** The app's actions: one primary button, the others beside it or in the menu. */
export async function AppActions({ organization, app, summary, mayChange, maySync }: AppViewData) {
  const t = await getTranslations("app");
  const sync = await getTranslations("sync");
  const base = `/o/${organization}/apps/${app.id}`;
  const { activeRunId } = summary;
  return (
    <>
      {summary.departments > 0 && (
        <LinkButton href={`${base}/directory`} variant="default">
          {t("openDirectory")}
        </LinkButton>
      )}
      {activeRunId && <LinkButton href={`${base}/syncs/${activeRunId}`}>{sync("watch")}</LinkButton>}
      {!activeRunId && maySync && <SyncButton organization={organization} app={app} />}
      {mayChange && (
        <AppMenu
          organization={organization}
          app={app.id}
          name={app.name}
          isDisabled={app.state === "disabled"}
        />
      )}
    </>
  );
}

/** Announces a held run, whose plan is not applied until somebody approves it. */
async function HeldNotice({ organization, app, summary: { heldRun } }: AppViewData) {
  const t = await getTranslations("sync");
  if (!heldRun) return null;
  const decide = (
    <LinkButton href={`/o/${organization}/apps/${app.id}/syncs/${heldRun.id}`} variant="default">
      {t("decide")}
    </LinkButton>
  );
  return (
    <Notice tone="hold" title={heldRunSummary(heldRun, t)} actions={decide}>
      {t("heldHelp")}
    </Notice>
  );
}

/** The app's health, below its heading. */
export async function AppBody(data: AppViewData) {
  const { organization, app, token, quota } = data;
  const states = await getTranslations("state.app");
  const notices = await getTranslations("notices");
  const sentence = notices.markup("sentence", { state: states(app.state), name: () => app.name });
  const base = `/o/${organization}/apps/${app.id}`;
  return (
    <>
      <AnnounceNewItems items={[{ key: app.state, sentence }]} />
      <div className={classes.alert}>
        <HeldNotice {...data} />
      </div>
      <div className={classes.alert}>
        <AppProblem {...data} />
      </div>
      {quota && quota.level !== "fine" && (
        <div className={classes.alert}>
          <QuotaNotice quota={quota} settings={data.mayChange ? `${base}/settings` : null} />
        </div>
      )}
      <div className={classes.alert}>{data.mayChange && <ConnectionTestOutcome />}</div>
      <div className={classes.cards}>
        <TokenCard token={token} href={`${base}/token`} />
        <SyncCard data={data} base={base} />
        <EventsCard organization={organization} app={app.id} />
        {quota && <QuotaCard quota={quota} href={`/o/${organization}/calls?app=${app.id}`} />}
      </div>
      <CredentialsCard app={app} settings={data.mayChange ? `${base}/settings` : null} />
    </>
  );
}
