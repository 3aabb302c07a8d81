import { getLocale, getTranslations } from "next-intl/server";
import { listSessions } from "@/lib/auth/sessions";
import { pageSignedIn } from "@/lib/http/page-actor";
import { DEFAULT_TIME_ZONE } from "@/lib/i18n/time-zones";
import { listOrganizations } from "@/lib/organizations/queries";
import { Card } from "../../_components/card";
import { ConsoleShell } from "../../_components/console-shell";
import { momentText } from "../../_components/moment-text";
import { ZoneLine } from "../../_components/time-zone";
import { TimesIn } from "../../_components/times-in";
import { ChangePasswordForm } from "./change-password-form";
import { SessionList } from "./session-list";

export default async function AccountPage() {
  const who = await pageSignedIn();
  const locale = await getLocale();
  const organizations = await listOrganizations(who, locale);
  const t = await getTranslations("account");
  // A person has no zone of their own, and may belong to organizations of several.
  const moment = (at: Date) => momentText(at.toISOString(), locale, DEFAULT_TIME_ZONE);
  const sessions = (await listSessions(who)).map((session) => ({
    id: session.id,
    device: session.userAgent || t("unknownDevice"),
    address: session.address,
    lastSeen: t("lastSeen", { time: moment(session.lastSeenAt) }),
    since: t("since", { time: moment(session.createdAt) }),
    isThis: session.id === who.sessionId,
  }));
  return (
    <ConsoleShell organizations={organizations}>
      <title>{`${t("title")} – Dingkeep`}</title>
      <h1>{t("title")}</h1>
      {organizations.length === 0 && (
        <Card title={t("noOrganization")}>
          <p style={{ margin: 0 }}>{t("noOrganizationHelp")}</p>
        </Card>
      )}
      <Card title={t("password")}>
        <ChangePasswordForm />
      </Card>
      <Card title={t("sessions")}>
        <p style={{ margin: 0 }}>{t("sessionsHelp")}</p>
        <TimesIn timeZone={DEFAULT_TIME_ZONE}>
          <ZoneLine />
        </TimesIn>
        <SessionList sessions={sessions} />
      </Card>
    </ConsoleShell>
  );
}
