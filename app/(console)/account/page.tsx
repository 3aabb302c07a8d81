import { getFormatter, getLocale, getTranslations } from "next-intl/server";
import { listSessions } from "@/lib/auth/sessions";
import { pageSignedIn } from "@/lib/http/page-actor";
import { listOrganizations } from "@/lib/organizations/queries";
import { Card } from "../../_components/card";
import { ConsoleShell } from "../../_components/console-shell";
import { ChangePasswordForm } from "./change-password-form";
import { SessionList } from "./session-list";

const TIME = { dateStyle: "medium", timeStyle: "medium" } as const;

export default async function AccountPage() {
  const who = await pageSignedIn();
  const organizations = await listOrganizations(who, await getLocale());
  const t = await getTranslations("account");
  const format = await getFormatter();
  const sessions = (await listSessions(who)).map((session) => ({
    id: session.id,
    device: session.userAgent || t("unknownDevice"),
    address: session.address,
    lastSeen: t("lastSeen", { time: format.dateTime(session.lastSeenAt, TIME) }),
    since: t("since", { time: format.dateTime(session.createdAt, TIME) }),
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
        <SessionList sessions={sessions} />
      </Card>
    </ConsoleShell>
  );
}
