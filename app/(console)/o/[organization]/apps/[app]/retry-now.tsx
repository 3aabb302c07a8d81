"use client";

import { useTranslations } from "next-intl";
import { FormAlert, SubmitButton } from "../../../../../_components/form-parts";
import { useActionForm } from "../../../../../_components/use-action-form";
import { retryNowAction } from "./settings/actions";

type Props = { readonly organization: string; readonly app: string };

/** Tries at once what would be tried by itself later. What came of it, the app's state says. */
export function RetryNow({ organization, app }: Props) {
  const t = useTranslations("app");
  const form = useActionForm(retryNowAction.bind(null, organization));
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit}>
      <FormAlert sentence={form.alert} />
      <input type="hidden" name="app" value={app} />
      <SubmitButton
        isPending={form.isPending}
        label={t("retryNow")}
        pendingLabel={t("retrying")}
        variant="default"
        fullWidth
      />
    </form>
  );
}
