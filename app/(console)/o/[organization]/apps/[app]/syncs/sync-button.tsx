import { Button } from "@mantine/core";
import { getTranslations } from "next-intl/server";
import type { App } from "@/lib/dingtalk-apps/queries";
import { canSync } from "@/lib/directory/runs/run-states";
import { SyncNowButton } from "./sync-now-button";
import classes from "./syncs.module.css";

type Props = {
  readonly organization: string;
  readonly app: Pick<App, "id" | "state">;
  readonly isPrimary?: boolean;
};

/** The button that starts a sync. For an app that can't be synced it is disabled, with the reason beside it. */
export async function SyncButton({ organization, app, isPrimary = true }: Props) {
  const t = await getTranslations("app");
  const sync = await getTranslations("sync");
  if (canSync(app.state))
    return <SyncNowButton organization={organization} app={app.id} isPrimary={isPrimary} />;
  const id = `sync-off-${app.id}`;
  return (
    <div className={classes.off}>
      <Button disabled aria-describedby={id}>
        {sync("now")}
      </Button>
      <span id={id}>{t(`syncOff.${app.state}`)}</span>
    </div>
  );
}
