"use client";

import { Group, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { announce } from "@/app/_components/feedback/announce";
import classes from "@/app/_components/forms/form.module.css";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { checkBy } from "@/lib/actions/field-errors";
import { renameOrganizationAction } from "./actions";

const check = checkBy(async () => (await import("@/lib/organizations/schema")).renameOrganizationInput);

type Props = { readonly organization: string; readonly name: string };

export function RenameForm({ organization, name }: Props) {
  const t = useTranslations("settings");
  const common = useTranslations("common");
  const form = useActionForm(
    renameOrganizationAction.bind(null, organization),
    () => announce(common("saved")),
    { check },
  );
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <TextInput
        label={t("name")}
        name="name"
        defaultValue={name}
        autoComplete="organization"
        error={form.errorOf("name")}
      />
      <Group>
        <SubmitButton isPending={form.isPending} label={common("save")} pendingLabel={common("saving")} />
        {form.state.status === "done" && !form.isPending && <span>{common("saved")}</span>}
      </Group>
    </form>
  );
}
