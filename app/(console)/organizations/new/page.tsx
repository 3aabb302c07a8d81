import { getTranslations } from "next-intl/server";
import { Notice } from "@/app/_components/feedback/notice";
import { Card } from "@/app/_components/page/card";
import { PageHeader } from "@/app/_components/page/page-header";
import { AccountShell } from "@/app/_components/shell/console-shell";
import { getOwnEmail } from "@/lib/auth/confirm-password";
import { pageSignedIn } from "@/lib/http/authorize-page";
import { isSignUpOpen } from "@/lib/organizations/sign-up-policy";
import { CreateForm } from "./create-form";

export default async function NewOrganizationPage() {
  const email = await getOwnEmail(await pageSignedIn());
  const t = await getTranslations();
  return (
    <AccountShell>
      <title>{`${t("nav.newOrganization")} – Dingkeep`}</title>
      <PageHeader title={t("nav.newOrganization")} />
      <Card>
        {(await isSignUpOpen()) ? (
          <>
            <p style={{ margin: 0 }}>{t("account.newOrganizationHelp", { email })}</p>
            <CreateForm />
          </>
        ) : (
          <Notice tone="neutral">{t("account.createClosed")}</Notice>
        )}
      </Card>
    </AccountShell>
  );
}
