import { getTranslations } from "next-intl/server";
import { Notice } from "@/app/_components/feedback/notice";
import { Card } from "@/app/_components/page/card";
import { PageHead } from "@/app/_components/page/page-head";
import { PersonShell } from "@/app/_components/shell/person-shell";
import { getOwnEmail } from "@/lib/auth/confirm-password";
import { pageSignedIn } from "@/lib/http/page-actor";
import { isSignUpOpen } from "@/lib/organizations/create-organization";
import { CreateForm } from "./create-form";

export default async function NewOrganizationPage() {
  const email = await getOwnEmail(await pageSignedIn());
  const t = await getTranslations();
  return (
    <PersonShell>
      <title>{`${t("nav.newOrganization")} – Dingkeep`}</title>
      <PageHead title={t("nav.newOrganization")} />
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
    </PersonShell>
  );
}
