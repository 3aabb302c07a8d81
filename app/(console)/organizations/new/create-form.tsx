"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { FormAlert, OrganizationField, SubmitButton } from "../../../_components/form-parts";
import { useActionForm } from "../../../_components/use-action-form";
import classes from "../../form.module.css";
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
