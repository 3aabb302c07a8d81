import { getTranslations } from "next-intl/server";
import { ActionButton } from "@/app/_components/forms/action-button";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { DateTime } from "@/app/_components/time/date-time";
import { listApps } from "@/lib/dingtalk-apps/queries";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { getEndpoint } from "@/lib/webhooks/endpoints/queries";
import { disableWebhookAction, enableWebhookAction } from "../../actions";
import { ChangeWebhook } from "./change-webhook";
import { DeleteWebhook } from "./delete-webhook";
import { RotateSecret } from "./rotate-secret";

const timeElement = (at: Date) => () => <DateTime at={at} isAbsolute />;

export default async function WebhookSettingsPage({
  params,
}: PageProps<"/o/[organization]/webhooks/[webhook]/settings">) {
  const { organization, webhook: webhookId } = await params;
  await pageActor(organization, "webhook.manage");
  const [endpoint, apps, { name }] = await orNotFound(
    Promise.all([
      getEndpoint(await pageActor(organization, "webhook.read"), webhookId),
      listApps(await pageActor(organization, "app.read")),
      getOrganization(await pageActor(organization, "organization.read")),
    ]),
  );
  const t = await getTranslations("webhooks");
  const { id, url, types, appIds, isOrdered, previousSecretUntil } = endpoint;
  const isDisabled = endpoint.state === "disabled";
  const at = { organization, webhook: id };
  return (
    <ClientMessages namespaces={["auth", "webhooks"]}>
      <title>{`${t("settings")} · ${url} · ${name} – Dingkeep`}</title>
      <PageHeader title={t("settings")} />
      <Card title={t("general")}>
        <ChangeWebhook
          organization={organization}
          apps={apps.map(({ id: app, name: called }) => ({ id: app, name: called }))}
          endpoint={{ id, url, types, appIds, isOrdered }}
        />
      </Card>
      <Card title={t("secret")}>
        <p style={{ margin: 0 }}>
          {previousSecretUntil
            ? t.rich("secretOverlap", { time: timeElement(previousSecretUntil) })
            : t("secretHelp")}
        </p>
        <RotateSecret {...at} />
      </Card>
      <Card title={isDisabled ? t("enable") : t("disable")}>
        <p style={{ margin: 0 }}>{isDisabled ? t("enableHelp") : t("disableHelp")}</p>
        <div style={{ alignSelf: "flex-start" }}>
          <ActionButton
            action={(isDisabled ? enableWebhookAction : disableWebhookAction).bind(null, organization)}
            fields={{ webhook: id }}
            label={isDisabled ? t("enable") : t("disable")}
            pendingLabel={isDisabled ? t("enabling") : t("disabling")}
            variant="default"
          />
        </div>
      </Card>
      <Card title={t("delete")} isDanger>
        <p style={{ margin: 0 }}>{t("deleteHelp")}</p>
        <DeleteWebhook {...at} />
      </Card>
    </ClientMessages>
  );
}
