import { Button } from "@mantine/core";
import { getTranslations } from "next-intl/server";
import type { App } from "@/lib/dingtalk-apps/queries";
import { canSync } from "../can-sync";
import { SyncNow } from "./sync-now";
import classes from "./syncs.module.css";

type Props = {
  readonly organization: string;
  readonly app: Pick<App, "id" | "state">;
  readonly isPrimary?: boolean;
};

/** The button that starts a sync; for an app that can't be synced it says in words why not. */
export async function SyncAction({ organization, app, isPrimary = true }: Props) {
  const t = await getTranslations("app");
  const sync = await getTranslations("sync");
  if (canSync(app.state)) return <SyncNow organization={organization} app={app.id} isPrimary={isPrimary} />;
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
