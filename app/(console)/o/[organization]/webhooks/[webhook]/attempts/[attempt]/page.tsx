import { getFormatter, getTranslations } from "next-intl/server";
import { CopyButton } from "@/app/_components/feedback/copy-button";
import { ActionButton } from "@/app/_components/forms/action-button";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { DateTime } from "@/app/_components/time/date-time";
import { formatDuration } from "@/app/_components/time/format-duration";
import { may } from "@/lib/auth/actor";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { type AttemptDetail, getAttempt } from "@/lib/webhooks/delivery/attempts";
import { getEndpoint } from "@/lib/webhooks/endpoints/queries";
import appClasses from "../../../../apps/[app]/app.module.css";
import { resendEventAction } from "../../../actions";
import { AttemptResult } from "../../../attempt-result";
import { TypeName } from "../../../type-name";
import classes from "../../../webhooks.module.css";

export default async function AttemptPage({
  params,
}: PageProps<"/o/[organization]/webhooks/[webhook]/attempts/[attempt]">) {
  const { organization, webhook: webhookId, attempt: attemptId } = await params;
  const actor = await pageActor(organization, "webhook.read");
  const [endpoint, attempt, { name }] = await orNotFound(
    Promise.all([
      getEndpoint(actor, webhookId),
      getAttempt(actor, webhookId, attemptId),
      getOrganization(await pageActor(organization, "organization.read")),
    ]),
  );
  const t = await getTranslations("webhooks");
  const { eventId, message, answer } = attempt;
  const mayResend = may(actor, "webhook.manage") && endpoint.state !== "disabled" && message !== null;
  return (
    <ClientMessages namespaces={["webhooks"]}>
      <title>{`${t("attempt")} · ${endpoint.url} · ${name} – Dingkeep`}</title>
      <PageHeader
        title={t("attempt")}
        actions={
          mayResend && eventId !== null ? (
            <ActionButton
              action={resendEventAction.bind(null, organization)}
              fields={{ webhook: endpoint.id, event: eventId }}
              label={t("resend")}
              pendingLabel={t("sending")}
              doneText={t("resendQueued")}
              variant="default"
            />
          ) : undefined
        }
      />
      <Card>
        <Facts attempt={attempt} />
      </Card>
      <Card title={t("answer")}>
        {answer === "" ? (
          <p style={{ margin: 0 }}>{t("noAnswer")}</p>
        ) : (
          <pre className={classes.payload}>{answer}</pre>
        )}
      </Card>
      <Card title={t("event")}>
        {message === null ? (
          <p style={{ margin: 0 }}>{eventId === null ? t("testEvent") : t("eventGone")}</p>
        ) : (
          <pre className={classes.payload}>{JSON.stringify(message, null, 2)}</pre>
        )}
      </Card>
    </ClientMessages>
  );
}

async function Facts({ attempt }: { readonly attempt: AttemptDetail }) {
  const t = await getTranslations("webhooks");
  const format = await getFormatter();
  const { at, type, eventId, delivery, durationMs } = attempt;
  return (
    <dl className={appClasses.facts}>
      <div>
        <dt>{t("column.type")}</dt>
        <dd>
          <TypeName type={type} />
        </dd>
      </div>
      <div>
        <dt>{t("column.at")}</dt>
        <dd>
          <DateTime at={at} isAbsolute />
        </dd>
      </div>
      <div>
        <dt>{t("column.result")}</dt>
        <dd>
          <AttemptResult status={attempt.status} failure={attempt.failure} />
        </dd>
      </div>
      <div>
        <dt>{t("column.duration")}</dt>
        <dd>{formatDuration(durationMs, format)}</dd>
      </div>
      {eventId !== null && (
        <>
          <div>
            <dt>{t("column.attempt")}</dt>
            <dd>{t("attemptOf", { n: attempt.attempt })}</dd>
          </div>
          <div>
            <dt>{t("delivery")}</dt>
            <dd>
              {t(`deliveryState.${delivery?.state ?? "failed"}`)}
              {delivery?.nextAttemptAt && <DateTime at={delivery.nextAttemptAt} isAbsolute />}
            </dd>
          </div>
          <div>
            <dt>{t("eventId")}</dt>
            <dd>
              <code>{eventId}</code>
              <CopyButton value={eventId} label={t("copyEventId")} />
            </dd>
          </div>
        </>
      )}
    </dl>
  );
}
