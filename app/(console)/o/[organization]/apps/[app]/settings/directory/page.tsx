import { getTranslations } from "next-intl/server";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { PageHeader } from "@/app/_components/page/page-header";
import { DisplayName } from "@/app/_components/text/display-name";
import { may } from "@/lib/auth/actor";
import { getApp } from "@/lib/dingtalk-apps/queries";
import { type ChosenDepartment, getDirectorySettings } from "@/lib/directory/settings/commands";
import { orNotFound, pageActor } from "@/lib/http/authorize-page";
import { getOrganization } from "@/lib/organizations/queries";
import classes from "./directory-settings.module.css";
import { DirectorySettingsForm } from "./directory-settings-form";

export default async function DirectorySettingsPage({
  params,
}: PageProps<"/o/[organization]/apps/[app]/settings/directory">) {
  const { organization, app: appId } = await params;
  const actor = await pageActor(organization, "app.read");
  const app = await orNotFound(getApp(actor, appId));
  const settings = await getDirectorySettings(actor, app.id);
  const { name } = await getOrganization(await pageActor(organization, "organization.read"));
  const t = await getTranslations("directorySettings");
  const common = await getTranslations("common");
  const named = (chosen: readonly ChosenDepartment[], none: string) =>
    chosen.length === 0
      ? none
      : chosen.map(({ id, name: called }) => (
          <div key={id}>
            <DisplayName name={called ?? ""} nameless={id} />
          </div>
        ));
  const { fullEveryHours: hours } = settings;
  const facts = [
    [t("departmentsRemovable"), settings.departmentsRemovable],
    [t("membersRemovable"), settings.membersRemovable],
    [t("percentRemovable"), settings.percentRemovable],
    [t("include"), named(settings.include, t("includeAll"))],
    [t("exclude"), named(settings.exclude, t("excludeNone"))],
    [t("fullEvery"), hours === 0 ? t("fullEachTime") : t("fullEveryDays", { n: hours / 24 })],
    [t("details"), settings.readsDetails ? t("detailsOn") : t("detailsOff")],
    [t("removedDays"), t("days", { n: settings.removedDays })],
    [t("historyDays"), t("days", { n: settings.historyDays })],
  ] as const;
  return (
    <ClientMessages namespaces={["auth", "directorySettings"]}>
      <title>{`${t("title")} · ${app.name} · ${name} – Dingkeep`}</title>
      <PageHeader title={t("title")} />
      {may(actor, "app.change") ? (
        <DirectorySettingsForm organization={organization} app={app.id} settings={settings} />
      ) : (
        <Card>
          <p className={classes.help}>{common("needsAdmin")}</p>
          <dl className={classes.facts}>
            {facts.map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </Card>
      )}
    </ClientMessages>
  );
}
