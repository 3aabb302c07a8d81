"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { ConfirmationField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { rotateSecretAction } from "./actions";
import { ShownSecrets } from "./shown-secrets";

type Kind = "path" | "token" | "aes_key";
type Props = { readonly organization: string; readonly app: string; readonly kind: Kind };

/** Replaces one secret, and shows the new value once. */
export function ReplaceSecret({ organization, app, kind }: Props) {
  const t = useTranslations("events");
  const [replaced, setReplaced] = useState<{ readonly kind: Kind; readonly value: string } | null>(null);
  const form = useActionForm(rotateSecretAction.bind(null, organization), setReplaced);
  return (
    <>
      <form ref={form.formRef} onSubmit={form.onSubmit}>
        <FormAlert sentence={form.alert} onRetry={form.retry} />
        <input type="hidden" name="app" value={app} />
        <input type="hidden" name="kind" value={kind} />
        {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
        <SubmitButton
          isPending={form.isPending}
          label={t(`replaceSecret.${kind}`)}
          pendingLabel={t("replacing")}
          variant="default"
        />
      </form>
      {replaced && <ShownSecrets secrets={[replaced]} />}
    </>
  );
}
