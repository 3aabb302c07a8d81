"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { OrganizationField } from "@/app/_components/forms/fields";
import classes from "@/app/_components/forms/form.module.css";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { createOrganizationAction } from "./actions";

/** Creates another organization, owned by the signed-in user. */
export function CreateForm() {
  const t = useTranslations();
  const router = useRouter();
  const form = useActionForm(createOrganizationAction, ({ organization }) =>
    router.push(`/o/${organization}`),
  );
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} />
      <OrganizationField error={form.errorOf("organization")} />
      <SubmitButton
        isPending={form.isPending || form.state.status === "done"}
        label={t("account.createOrganization")}
        pendingLabel={t("account.creating")}
      />
    </form>
  );
}
