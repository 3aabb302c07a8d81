import { getTranslations } from "next-intl/server";
import { LiveRunLine } from "@/app/_components/live/live-run-line";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { Card } from "@/app/_components/page/card";
import { NextRetry } from "@/app/_components/status/run-facts";
import { RunReason } from "@/app/_components/status/run-reason";
import type { App } from "@/lib/dingtalk-apps/queries";
import type { DirectorySummary } from "@/lib/directory/runs/directory-summary";
import { SyncButton } from "../syncs/sync-button";
import classes from "./directory.module.css";

type Props = {
  readonly organization: string;
  readonly app: App;
  readonly summary: DirectorySummary;
  readonly maySync: boolean;
};

function stateOf({ lastSeenAt, activeRunId, lastRun }: DirectorySummary) {
  if (activeRunId !== null) return "syncing";
  if (lastSeenAt !== null) return "empty";
  return lastRun && lastRun.state !== "cancelled" ? "failed" : "never";
}

/** Explains why there is no tree yet, and how to get one. The tree replaces it automatically after a sync. */
export async function EmptyDirectory({ organization, app, summary, maySync }: Props) {
  const t = await getTranslations("directory");
  const sync = await getTranslations("sync");
  const state = stateOf(summary);
  const { activeRunId, lastRun } = summary;
  return (
    <Card title={t(`${state}Title`)}>
      {state === "failed" ? (
        <RunReason error={lastRun?.error} isFailure heading="h3">
          <NextRetry at={summary.nextSyncAt} />
        </RunReason>
      ) : (
        <p className={classes.emptyHelp}>{t(`${state}Help`)}</p>
      )}
      {activeRunId && (
        <>
          <LiveRunLine app={app.id} />
          <LinkButton
            href={`/o/${organization}/apps/${app.id}/syncs/${activeRunId}`}
            className={classes.emptyAction ?? ""}
          >
            {sync("watch")}
          </LinkButton>
        </>
      )}
      {!activeRunId && maySync && (
        <div className={classes.emptyAction}>
          <SyncButton organization={organization} app={app} />
        </div>
      )}
    </Card>
  );
}
