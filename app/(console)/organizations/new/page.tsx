import { getTranslations } from "next-intl/server";
import { getOwnEmail } from "@/lib/auth/confirm-password";
import { isSignUpOpen } from "@/lib/auth/sign-up";
import { pageSignedIn } from "@/lib/http/page-actor";
import { Card } from "../../../_components/card";
import { Notice } from "../../../_components/notice";
import { PageHead } from "../../../_components/page-head";
import { PersonShell } from "../../person-shell";
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
