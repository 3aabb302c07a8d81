import { getTranslations } from "next-intl/server";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { may } from "@/lib/auth/actor";
import { countContents } from "@/lib/dingtalk-apps/count-contents";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import { SuiteTicketAge } from "../suite-ticket-age";
import { ChangeAppForm } from "./change-app-form";
import { DeleteApp } from "./delete-app";
import { ReplaceSecret, ReplaceTicket } from "./replace-secret";

/** Keeps the button at its natural width in a stretching column. */
const START = { alignSelf: "flex-start" } as const;

export default async function AppSettingsPage({
  params,
}: PageProps<"/o/[organization]/apps/[app]/settings">) {
  const { organization, app: appId } = await params;
  const actor = await pageActor(organization, "app.read");
  const app = await orNotFound(getApp(actor, appId));
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("app");
  const connect = await getTranslations("connect");
  const common = await getTranslations("common");
  const mapping = await getTranslations("mapping");
  const directory = await getTranslations("directorySettings");
  const mayChange = may(actor, "app.change");
  const isSuite = app.kind === "isv";
  const at = { organization, app: app.id };
  const contents = await countContents(actor, app.id);
  return (
    <ClientMessages namespaces={["app", "appSettings", "auth", "connect", "fault", "settings", "state"]}>
      <title>{`${t("settings")} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHeader title={t("settings")} />
      {!mayChange && <p>{common("needsAdmin")}</p>}
      {mayChange && (
        <>
          <Card title={t("general")}>
            <ChangeAppForm
              {...at}
              name={app.name}
              kind={app.kind}
              corpId={app.corpId ?? ""}
              agentId={app.agentId ?? ""}
              syncEveryHours={app.syncEveryHours}
              callsPerSecond={app.callsPerSecond}
              callsPerMonth={app.callsPerMonth}
              jsapiOrigins={app.jsapiOrigins.join("\n")}
            />
          </Card>
          <Card title={directory("title")}>
            <p style={{ margin: 0 }}>{directory("openHelp")}</p>
            <LinkButton
              variant="default"
              style={START}
              href={`/o/${organization}/apps/${app.id}/settings/directory`}
            >
              {directory("open")}
            </LinkButton>
          </Card>
          <Card title={mapping("title")}>
            <p style={{ margin: 0 }}>{mapping("help")}</p>
            <LinkButton
              variant="default"
              style={START}
              href={`/o/${organization}/apps/${app.id}/settings/mapping`}
            >
              {mapping("open")}
            </LinkButton>
          </Card>
          <Card id="replace-secret" title={isSuite ? connect("replaceSuiteSecret") : t("replaceSecret")}>
            <p style={{ margin: 0 }}>
              {isSuite
                ? connect("suiteSecretMasked", { tail: app.secretTail })
                : t("secretMasked", { tail: app.secretTail })}
            </p>
            <ReplaceSecret {...at} isSuite={isSuite} />
          </Card>
          {isSuite && (
            <Card id="suite-ticket" title={connect("pasteTicket")}>
              <p style={{ margin: 0 }}>
                suite ticket · <SuiteTicketAge at={app.suiteTicketAt} />
              </p>
              <ReplaceTicket {...at} />
            </Card>
          )}
        </>
      )}
      {may(actor, "app.delete") && (
        <Card title={t("delete")} isDanger>
          <p style={{ margin: 0 }}>{t("deleteHelp")}</p>
          <DeleteApp {...at} name={app.name} contents={contents} />
        </Card>
      )}
    </ClientMessages>
  );
}
