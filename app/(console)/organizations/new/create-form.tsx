"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import classes from "@/app/_components/forms/form.module.css";
import { FormAlert, OrganizationField, SubmitButton } from "@/app/_components/forms/form-parts";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { createOrganizationAction } from "./actions";

/** A name is all it takes; who becomes the owner is known. */
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
