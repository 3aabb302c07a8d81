import { getTranslations } from "next-intl/server";
import { ChangeTable } from "@/app/_components/changes/change-table";
import { CopyButton } from "@/app/_components/feedback/copy-button";
import { ActionButton } from "@/app/_components/forms/action-button";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { FaultPanel } from "@/app/_components/status/fault-panel";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import { may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { type EventDetail, getEvent } from "@/lib/events/queries";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import appClasses from "../../app.module.css";
import { reprocessAction } from "../actions";
import { EventType } from "../event-type";
import classes from "../events.module.css";

export default async function EventPage({
  params,
}: PageProps<"/o/[organization]/apps/[app]/events/[event]">) {
  const { organization, app: appId, event: eventId } = await params;
  const actor = await pageActor(organization, "directory.read");
  const [event, app, { name }] = await orNotFound(
    Promise.all([
      getEvent(actor, appId, eventId),
      getApp(await pageActor(organization, "app.read"), appId),
      getOrganization(await pageActor(organization, "organization.read")),
    ]),
  );
  const t = await getTranslations("events");
  const home = `/o/${organization}/apps/${app.id}`;
  const isRepeatable = event.state === "handled" || event.state === "failed";
  return (
    <ClientMessages namespaces={["changes", "events", "fault", "state"]}>
      <title>{`${event.type} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHeader
        title={event.type}
        state={<StateBadge kind="event" state={event.state} />}
        actions={
          may(actor, "directory.sync") && isRepeatable ? (
            <ActionButton
              action={reprocessAction.bind(null, organization)}
              fields={{ app: app.id, event: event.id }}
              label={t("reprocess")}
              pendingLabel={t("reprocessing")}
              variant="default"
            />
          ) : undefined
        }
      />
      <Card>
        <Facts event={event} />
        {event.fault && <FaultPanel fault={event.fault} tone="danger" heading="h3" retry="no" />}
      </Card>
      <Card title={t("effect")}>
        {event.changes.length === 0 ? (
          <p style={{ margin: 0 }}>{t(`noEffect.${event.state}`)}</p>
        ) : (
          <ChangeTable changes={event.changes} directory={`${home}/directory`} />
        )}
      </Card>
      <Card title={t("payload")}>
        {event.payload === null ? (
          <p style={{ margin: 0 }}>{t("payloadErased")}</p>
        ) : (
          <pre className={classes.payload}>{event.payload}</pre>
        )}
      </Card>
    </ClientMessages>
  );
}

async function Facts({ event }: { readonly event: EventDetail }) {
  const t = await getTranslations("events");
  const { bornAt, handledAt } = event;
  return (
    <dl className={appClasses.facts}>
      <div>
        <dt>{t("column.type")}</dt>
        <dd>
          <EventType type={event.type} />
        </dd>
      </div>
      <div>
        <dt>{t("received")}</dt>
        <dd>
          <DateTime at={event.receivedAt} isAbsolute />
          {event.isLate && <span className={classes.dimmed}>{t("late")}</span>}
        </dd>
      </div>
      {bornAt && (
        <div>
          <dt>{t("born")}</dt>
          <dd>
            <DateTime at={bornAt} isAbsolute />
          </dd>
        </div>
      )}
      <div>
        <dt>{t("source")}</dt>
        <dd>{t(`sourceOf.${event.source}`)}</dd>
      </div>
      {handledAt && (
        <div>
          <dt>{t("handled")}</dt>
          <dd>
            <DateTime at={handledAt} isAbsolute />
          </dd>
        </div>
      )}
      <div>
        <dt>{t("id")}</dt>
        <dd>
          <code>{event.id}</code>
          <CopyButton value={event.id} label={t("copyId")} />
        </dd>
      </div>
    </dl>
  );
}
