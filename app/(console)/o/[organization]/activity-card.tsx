import { getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { countEvents } from "@/lib/events/event-counts";
import { pageActor } from "@/lib/http/authorize-page";
import { countByEndpoint } from "@/lib/webhooks/delivery/attempt-counts";
import { listEndpoints } from "@/lib/webhooks/endpoints/queries";
import classes from "./overview.module.css";

const DAY_MS = 24 * 60 * 60_000;

type Props = {
  readonly organization: string;
  /** False if a card of the only app shows its events. */
  readonly showsEvents: boolean;
};

/** The events and webhooks of the last 24 hours; nothing before the organization uses either. */
export async function ActivityCard({ organization, showsEvents }: Props) {
  // Server components render once.
  // oxlint-disable-next-line react/purity
  const since = new Date(Date.now() - DAY_MS);
  const webhooks = await pageActor(organization, "webhook.read");
  const [events, endpoints, attempts] = await Promise.all([
    countEvents(await pageActor(organization, "directory.read"), { since }),
    listEndpoints(webhooks),
    countByEndpoint(webhooks, since),
  ]);
  const hasEvents = showsEvents && events.isSubscribed;
  if (!hasEvents && endpoints.length === 0) return null;
  const t = await getTranslations("overview");
  const eventText = await getTranslations("events");
  const sum = (count: "delivered" | "failed") =>
    [...attempts.values()].reduce((total, counts) => total + counts[count], 0);
  const failedAttempts = sum("failed");
  return (
    <Card title={t("activity")}>
      <dl className={classes.activity}>
        {hasEvents && (
          <div>
            <dt>{t("events")}</dt>
            <dd>
              {eventText("receivedCount", { n: events.received })}
              {events.failed > 0 && ` · ${eventText("failedCount", { n: events.failed })}`}
            </dd>
          </div>
        )}
        {endpoints.length > 0 && (
          <div>
            <dt>
              <Link href={`/o/${organization}/webhooks`}>{t("webhooks")}</Link>
            </dt>
            <dd>
              {t("webhooksDelivered", { n: sum("delivered") })}
              {failedAttempts > 0 && ` · ${t("attemptsFailed", { n: failedAttempts })}`}
            </dd>
          </div>
        )}
      </dl>
    </Card>
  );
}
