import Link from "next/link";
import { getTranslations } from "next-intl/server";
import type { App } from "@/lib/dingtalk-apps/queries";
import { Moment } from "../../../../_components/moment";
import { StateBadge } from "../../../../_components/state-badge";
import classes from "./app-list.module.css";

/** What needs a person comes first. */
const URGENCY: Readonly<Record<App["state"], number>> = {
  broken: 0,
  degraded: 1,
  draft: 2,
  disabled: 3,
  verified: 4,
};

type Props = { readonly organization: string; readonly apps: readonly App[]; readonly timeZone: string };

/** The organization's apps, the worst state first; rows of two lines on a phone. */
export async function AppList({ organization, apps, timeZone }: Props) {
  const t = await getTranslations("app");
  const sorted = apps.toSorted((a, b) => URGENCY[a.state] - URGENCY[b.state]);
  return (
    <ul className={classes.list}>
      {sorted.map((app) => (
        <li key={app.id} className={classes.row}>
          <Link href={`/o/${organization}/apps/${app.id}`} className={classes.name}>
            <bdi>{app.name}</bdi>
          </Link>
          <StateBadge kind="app" state={app.state} />
          <code className={classes.key}>{app.appKey}</code>
          <span className={classes.meta}>
            {t("lastSync")}:{" "}
            {app.lastSeenAt ? <Moment at={app.lastSeenAt} timeZone={timeZone} /> : t("never")}
          </span>
        </li>
      ))}
    </ul>
  );
}
