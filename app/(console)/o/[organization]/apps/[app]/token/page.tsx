import { getTranslations } from "next-intl/server";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { toFault } from "@/lib/dingtalk-apps/schema";
import { orNotFound } from "@/lib/http/or-not-found";
import { pageActor } from "@/lib/http/page-actor";
import { getOrganization } from "@/lib/organizations/queries";
import { getTokenFacts } from "@/lib/tokens/queries";
import { Card } from "../../../../../../_components/card";
import { ClientMessages } from "../../../../../../_components/client-messages";
import { FaultPanel } from "../../../../../../_components/fault-panel";
import { Moment } from "../../../../../../_components/moment";
import { PageHead } from "../../../../../../_components/page-head";
import { StateBadge } from "../../../../../../_components/state-badge";
import { ZoneLine } from "../../../../../../_components/time-zone";
import classes from "../app.module.css";
import { Countdown } from "./countdown";

export default async function TokenPage({ params }: PageProps<"/o/[organization]/apps/[app]/token">) {
  const { organization, app: appId } = await params;
  const actor = await pageActor(organization, "app.read");
  const app = await orNotFound(getApp(actor, appId));
  const token = await getTokenFacts(actor, app.id);
  const { name, timeZone } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("token");
  const fault = toFault(token.lastError);
  const moment = (at: Date) => <Moment at={at} timeZone={timeZone} isAbsolute />;
  return (
    <ClientMessages namespaces={["fault", "state", "token"]}>
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHead title={t("title")} state={<StateBadge kind="app" state={app.state} />} />
      <ZoneLine />
      <Card>
        {token.obtainedAt && token.expiresAt ? (
          <dl className={classes.facts}>
            <div>
              <dt>{t("obtained")}</dt>
              <dd>{moment(token.obtainedAt)}</dd>
            </div>
            <div>
              <dt>{t("expires")}</dt>
              <dd>
                {moment(token.expiresAt)} <Countdown untilMs={token.expiresAt.getTime()} />
              </dd>
            </div>
            {token.renewAt && (
              <div>
                <dt>{t("renew")}</dt>
                <dd>
                  {t("about")} {moment(token.renewAt)}
                </dd>
              </div>
            )}
            <div>
              <dt>{t("version")}</dt>
              <dd>{token.version}</dd>
            </div>
          </dl>
        ) : (
          <p style={{ margin: 0 }}>{t("none")}</p>
        )}
        <p className={classes.since} style={{ margin: 0 }}>
          {t("never")}
        </p>
      </Card>
      <Card title={t("lastError")}>
        {fault && token.lastErrorAt ? (
          <>
            {moment(token.lastErrorAt)}
            <FaultPanel fault={fault} isKept />
          </>
        ) : (
          <p style={{ margin: 0 }}>{t("noError")}</p>
        )}
      </Card>
    </ClientMessages>
  );
}
