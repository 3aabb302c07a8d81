import { getFormatter, getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/navigation/link";
import { TableHead } from "@/app/_components/page/table-head";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import { EVENT_TYPES } from "@/lib/webhook-log/event-types";
import type { AttemptCounts } from "@/lib/webhooks/delivery/attempt-counts";
import type { Endpoint } from "@/lib/webhooks/endpoints/queries";
import classes from "./webhooks.module.css";

type Apps = readonly { readonly id: string; readonly name: string }[];
type Props = {
  readonly base: string;
  readonly endpoints: readonly Endpoint[];
  /** Attempts of the last 24 hours, by endpoint. */
  readonly counts: ReadonlyMap<string, AttemptCounts>;
  readonly apps: Apps;
};

const NONE: AttemptCounts = { delivered: 0, failed: 0, lastFailedAt: null };

/** The apps and the number of event types that an endpoint gets. */
async function Choice({ endpoint, apps }: { readonly endpoint: Endpoint; readonly apps: Apps }) {
  const t = await getTranslations("webhooks");
  const common = await getTranslations("common");
  const { types, appIds } = endpoint;
  const names = appIds?.map((id) => apps.find((app) => app.id === id)?.name ?? t("appDeleted"));
  return (
    <>
      <span>{types.length === EVENT_TYPES.length ? t("allTypes") : t("someTypes", { n: types.length })}</span>
      <bdi className={classes.dimmed}>{names ? names.join(t("comma")) : common("allApps")}</bdi>
    </>
  );
}

const COLUMNS = ["url", "events", "delivered", "failed", "lastFailure", "state"] as const;
const FIGURES: ReadonlySet<string> = new Set(["delivered", "failed"]);

/** Webhooks with their last 24 hours. On narrow screens each has a few lines. */
export async function EndpointList({ base, endpoints, counts, apps }: Props) {
  const t = await getTranslations("webhooks");
  const format = await getFormatter();
  return (
    <table className={classes.table}>
      <TableHead columns={COLUMNS} figures={FIGURES} titleOf={(column) => t(`column.${column}`)} />
      <tbody>
        {endpoints.map((endpoint) => {
          const { delivered, failed, lastFailedAt } = counts.get(endpoint.id) ?? NONE;
          return (
            <tr key={endpoint.id}>
              <th scope="row" className={classes.url}>
                <Link href={`${base}/${endpoint.id}`}>{endpoint.url}</Link>
              </th>
              <td className={classes.choice}>
                <Choice endpoint={endpoint} apps={apps} />
              </td>
              <td className={classes.figure} data-label={t("column.delivered")}>
                {format.number(delivered)}
              </td>
              <td className={classes.figure} data-label={t("column.failed")}>
                {format.number(failed)}
              </td>
              <td data-label={t("column.lastFailure")}>
                {lastFailedAt ? <DateTime at={lastFailedAt} /> : <span className={classes.dimmed}>–</span>}
              </td>
              <td>
                <StateBadge kind="webhook" state={endpoint.state} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
