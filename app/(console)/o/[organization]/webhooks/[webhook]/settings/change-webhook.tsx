"use client";

import { useTranslations } from "next-intl";
import { announce } from "@/app/_components/feedback/announce";
import { ConfirmationField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { checkBy } from "@/lib/actions/field-errors";
import { changeWebhookAction } from "../../actions";
import { EndpointFields, type NamedApp, type ShownEndpoint } from "../../endpoint-fields";
import classes from "../../webhooks.module.css";

const check = checkBy(async () => (await import("@/lib/webhooks/endpoints/schema")).changeWebhookInput);

type Props = {
  readonly organization: string;
  readonly apps: readonly NamedApp[];
  readonly endpoint: ShownEndpoint;
};

export function ChangeWebhook({ organization, apps, endpoint }: Props) {
  const common = useTranslations("common");
  const form = useActionForm(changeWebhookAction.bind(null, organization), () => announce(common("saved")), {
    check,
  });
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <input type="hidden" name="webhook" value={endpoint.id} />
      <EndpointFields apps={apps} endpoint={endpoint} errorOf={form.errorOf} />
      {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
      <SubmitButton isPending={form.isPending} label={common("save")} pendingLabel={common("saving")} />
    </form>
  );
}
