import { getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import { countEvents } from "@/lib/events/event-counts";
import { getSubscription } from "@/lib/events/subscription/queries";
import { pageActor } from "@/lib/http/authorize-page";
import classes from "../app.module.css";
import { MissedFact } from "./missed-fact";
import { subscriptionState } from "./subscription-state";

const DAY_MS = 24 * 60 * 60_000;

type Props = { readonly organization: string; readonly app: string };

/** An app's subscription and its events of the last 24 hours. */
export async function EventsCard({ organization, app }: Props) {
  // Server components render once.
  // oxlint-disable-next-line react/purity
  const since = new Date(Date.now() - DAY_MS);
  const [subscription, counts] = await Promise.all([
    getSubscription(await pageActor(organization, "app.read"), app),
    countEvents(await pageActor(organization, "directory.read"), { since, appId: app }),
  ]);
  const t = await getTranslations("events");
  const state = subscriptionState(subscription);
  const base = `/o/${organization}/apps/${app}`;
  return (
    <Card title={t("title")}>
      <p className={classes.line}>
        {state ? <StateBadge kind="subscription" state={state} /> : t("notSetUp")}
        {subscription?.lastEventAt && (
          <span>
            {t("lastEvent")} <DateTime at={subscription.lastEventAt} />
          </span>
        )}
      </p>
      {subscription && state && (
        <dl className={classes.short}>
          <div>
            <dt>{t("lastDay")}</dt>
            <dd>
              {t("receivedCount", { n: counts.received })}
              {counts.failed > 0 && ` · ${t("failedCount", { n: counts.failed })}`}
            </dd>
          </div>
          <MissedFact missed={subscription.missed} syncs={`${base}/syncs`} />
        </dl>
      )}
      <Link href={`${base}/events`} className={classes.more}>
        {t("showAll")}
      </Link>
    </Card>
  );
}
