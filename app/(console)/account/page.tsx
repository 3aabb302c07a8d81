import { getTranslations } from "next-intl/server";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { Card } from "@/app/_components/page/card";
import { PageHeader } from "@/app/_components/page/page-header";
import { AccountShell } from "@/app/_components/shell/console-shell";
import { lastVisitedOrganization } from "@/app/_components/shell/last-visited-organization";
import { TimeZoneProvider } from "@/app/_components/time/time-zone-provider";
import { listSessions } from "@/lib/auth/sessions";
import { pageActor, pageSignedIn } from "@/lib/http/authorize-page";
import { DEFAULT_TIME_ZONE } from "@/lib/i18n/time-zones";
import { getOrganization } from "@/lib/organizations/queries";
import { isSignUpOpen } from "@/lib/organizations/sign-up-policy";
import { ChangePasswordForm } from "./change-password-form";
import { SessionList } from "./session-list";

async function NoOrganization() {
  const t = await getTranslations("account");
  return (
    <Card title={t("noOrganization")}>
      <p style={{ margin: 0 }}>{t("noOrganizationHelp")}</p>
      {(await isSignUpOpen()) && (
        <div>
          <LinkButton href="/organizations/new">{t("createOrganization")}</LinkButton>
        </div>
      )}
    </Card>
  );
}

export default async function AccountPage() {
  const who = await pageSignedIn();
  const organization = await lastVisitedOrganization(who);
  const timeZone = organization
    ? (await getOrganization(await pageActor(organization.publicId, "organization.read"))).timeZone
    : DEFAULT_TIME_ZONE;
  const t = await getTranslations("account");
  return (
    <AccountShell>
      <title>{`${t("title")} – Dingkeep`}</title>
      <PageHeader title={t("title")} />
      {!organization && <NoOrganization />}
      <Card title={t("password")}>
        <ChangePasswordForm />
      </Card>
      <Card title={t("sessions")}>
        <p style={{ margin: 0 }}>{t("sessionsHelp")}</p>
        <TimeZoneProvider timeZone={timeZone}>
          <SessionList sessions={await listSessions(who)} currentId={who.sessionId} />
        </TimeZoneProvider>
      </Card>
    </AccountShell>
  );
}
