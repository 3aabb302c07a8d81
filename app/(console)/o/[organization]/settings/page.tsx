import { getLocale, getTranslations } from "next-intl/server";
import { Card } from "@/app/_components/page/card";
import { ClientMessages } from "@/app/_components/page/client-messages";
import { may } from "@/lib/auth/actor";
import { countContents } from "@/lib/dingtalk-apps/count-contents";
import { pageActor } from "@/lib/http/authorize-page";
import { zoneLabel } from "@/lib/i18n/time-zones";
import { getOrganization } from "@/lib/organizations/queries";
import { LazyDeleteOrganization, LazyPersonalDataForm } from "./lazy-sections";
import { RenameForm } from "./rename-form";
import { TimeZoneForm } from "./time-zone-form";

export default async function SettingsPage({ params }: PageProps<"/o/[organization]/settings">) {
  const { organization } = await params;
  const actor = await pageActor(organization, "organization.read");
  const { name, timeZone, keepsPersonal } = await getOrganization(actor);
  const zone = { value: timeZone, label: zoneLabel(await getLocale(), timeZone) };
  const t = await getTranslations("settings");
  const common = await getTranslations("common");
  const contents = await countContents(await pageActor(organization, "app.read"));
  const mayRename = may(actor, "organization.rename");
  return (
    <ClientMessages namespaces={["auth", "settings"]}>
      <title>{`${t("title")} · ${name} – Dingkeep`}</title>
      <h1>{t("title")}</h1>
      <Card title={t("general")}>
        {mayRename ? (
          <RenameForm organization={organization} name={name} />
        ) : (
          <p style={{ margin: 0 }}>
            <bdi>{name}</bdi> · {common("needsAdmin")}
          </p>
        )}
      </Card>
      <Card title={t("times")}>
        {may(actor, "organization.setTimeZone") ? (
          <TimeZoneForm organization={organization} zone={zone} />
        ) : (
          <p style={{ margin: 0 }}>
            {zone.label} · {common("needsAdmin")}
          </p>
        )}
      </Card>
      <Card title={t("personal")}>
        {may(actor, "organization.setPersonal") ? (
          <LazyPersonalDataForm organization={organization} keepsPersonal={keepsPersonal} />
        ) : (
          <p style={{ margin: 0 }}>
            {keepsPersonal ? t("personalOn") : t("personalOff")} · {common("needsAdmin")}
          </p>
        )}
      </Card>
      <Card title={t("danger")} isDanger>
        <p style={{ margin: 0 }}>{t("dangerHelp")}</p>
        {may(actor, "organization.delete") ? (
          <LazyDeleteOrganization organization={organization} name={name} contents={contents} />
        ) : (
          <p style={{ margin: 0 }}>{common("needsOwner")}</p>
        )}
      </Card>
    </ClientMessages>
  );
}
