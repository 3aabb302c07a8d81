import { getTranslations } from "next-intl/server";
import { HOUR_MS, RANGES, rangeOf } from "@/app/_components/charts/hour-series";
import { Notice } from "@/app/_components/feedback/notice";
import { LivePage } from "@/app/_components/live/live-page";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { FaultPanel } from "@/app/_components/status/fault-panel";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import { TimeZoneNote } from "@/app/_components/time/time-zone";
import { may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { toFault } from "@/lib/dingtalk-apps/schema";
import { getLiveState } from "@/lib/directory/runs/live-state";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { listReads } from "@/lib/tokens/history/read-counts";
import { listTokenEvents } from "@/lib/tokens/history/token-events";
import { getTokenFacts } from "@/lib/tokens/queries";
import classes from "../app.module.css";
import { Countdown } from "./countdown";
import { ReadChart } from "./read-chart";
import { Timeline } from "./timeline";

export default async function TokenPage({
  params,
  searchParams,
}: PageProps<"/o/[organization]/apps/[app]/token">) {
  const { organization, app: appId } = await params;
  const range = rangeOf((await searchParams).range);
  const actor = await pageActor(organization, "app.read");
  const reader = await pageActor(organization, "directory.read");
  const owned = await pageActor(organization, "organization.read");
  const [live, app, token, { name, timeZone }] = await orNotFound(
    Promise.all([
      getLiveState(reader, appId),
      getApp(actor, appId),
      getTokenFacts(actor, appId),
      getOrganization(owned),
    ]),
  );
  const t = await getTranslations("token");
  const fault = toFault(token.lastError);
  // Server components render once.
  // oxlint-disable-next-line react/purity
  const nowMs = Date.now();
  const unextendedUntil = (token.notExtendedUntil?.getTime() ?? 0) > nowMs ? token.notExtendedUntil : null;
  const [events, reads] = await Promise.all([
    listTokenEvents(actor, app.id),
    listReads(actor, app.id, new Date(nowMs - RANGES[range] * HOUR_MS)),
  ]);
  const time = (at: Date) => <DateTime at={at} isAbsolute />;
  return (
    <ClientMessages namespaces={["token"]}>
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHeader title={t("title")} state={<StateBadge kind="app" state={app.state} />} />
      <LivePage feed={`/o/${organization}/live?app=${app.id}`} initial={live}>
        <TimeZoneNote />
        <Card>
          {token.obtainedAt && token.expiresAt ? (
            <dl className={classes.facts}>
              <div>
                <dt>{t("obtained")}</dt>
                <dd>{time(token.obtainedAt)}</dd>
              </div>
              <div>
                <dt>{t("expires")}</dt>
                <dd>
                  {time(token.expiresAt)} <Countdown untilMs={token.expiresAt.getTime()} />
                </dd>
              </div>
              <div>
                <dt>{t("renew")}</dt>
                <dd>
                  {token.renewAt ? (
                    <>
                      {t("about")} {time(token.renewAt)}
                    </>
                  ) : (
                    t("noRenewal")
                  )}
                </dd>
              </div>
              <div>
                <dt>{t("version")}</dt>
                <dd>{token.version}</dd>
              </div>
            </dl>
          ) : (
            <p style={{ margin: 0 }}>{t("none")}</p>
          )}
          {unextendedUntil && (
            <Notice tone="neutral">
              <strong>{t.rich("notExtended", { time: () => time(unextendedUntil) })}</strong>
              <br />
              {t("notExtendedHelp")}
            </Notice>
          )}
          <p className={classes.since}>{t("never")}</p>
        </Card>
        <Card title={t("lastError")}>
          {fault && token.lastErrorAt ? (
            <>
              {time(token.lastErrorAt)}
              <FaultPanel
                fault={fault}
                tone={token.renewAt ? "caution" : "danger"}
                heading="h3"
                retry={token.renewAt ? "auto" : "no"}
              />
            </>
          ) : (
            <p style={{ margin: 0 }}>{t("noError")}</p>
          )}
        </Card>
        <ReadChart
          base={`/o/${organization}/apps/${app.id}/token`}
          range={range}
          rows={reads}
          nowMs={nowMs}
          timeZone={timeZone}
          keys={may(actor, "key.manage") ? `/o/${organization}/api-keys` : null}
        />
        <Timeline events={events} />
      </LivePage>
    </ClientMessages>
  );
}
