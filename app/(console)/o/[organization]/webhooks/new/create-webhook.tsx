"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { ConfirmationField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { Card } from "@/app/_components/page/card";
import { checkBy } from "@/lib/actions/field-errors";
import { createWebhookAction } from "../actions";
import { EndpointFields, type NamedApp } from "../endpoint-fields";
import { ShownSecret } from "../shown-secret";
import classes from "../webhooks.module.css";

const check = checkBy(async () => (await import("@/lib/webhooks/endpoints/schema")).createWebhookInput);

type Props = { readonly organization: string; readonly apps: readonly NamedApp[] };

/** The form for a new webhook, then its secret, which is shown once. */
export function CreateWebhook({ organization, apps }: Props) {
  const t = useTranslations("webhooks");
  const [created, setCreated] = useState<{ readonly webhook: string; readonly secret: string } | null>(null);
  const list = `/o/${organization}/webhooks`;
  const form = useActionForm(
    createWebhookAction.bind(null, organization),
    (made) => {
      setCreated(made);
      // A reload or Back then shows the list, so that the secret exists only on screen.
      window.history.replaceState(null, "", list);
    },
    { check },
  );
  if (created !== null) return <ShownSecret secret={created.secret} next={`${list}/${created.webhook}`} />;
  return (
    <Card>
      <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
        <FormAlert sentence={form.alert} onRetry={form.retry} />
        <EndpointFields apps={apps} endpoint={null} errorOf={form.errorOf} />
        {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
        <SubmitButton isPending={form.isPending} label={t("create")} pendingLabel={t("creating")} />
      </form>
    </Card>
  );
}
