"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { ConfirmationField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { rotateWebhookSecretAction } from "../../actions";
import { ShownSecret } from "../../shown-secret";

type Props = { readonly organization: string; readonly webhook: string };

/** Replaces the secret, and shows the new one once. */
export function RotateSecret({ organization, webhook }: Props) {
  const t = useTranslations("webhooks");
  const [secret, setSecret] = useState<string | null>(null);
  const form = useActionForm(rotateWebhookSecretAction.bind(null, organization), (made) =>
    setSecret(made.secret),
  );
  return (
    <>
      <form ref={form.formRef} onSubmit={form.onSubmit}>
        <FormAlert sentence={form.alert} onRetry={form.retry} />
        <input type="hidden" name="webhook" value={webhook} />
        {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
        <SubmitButton
          isPending={form.isPending}
          label={t("rotate")}
          pendingLabel={t("rotating")}
          variant="default"
        />
      </form>
      {secret !== null && <ShownSecret key={secret} secret={secret} />}
    </>
  );
}
