"use client";

import { useTranslations } from "next-intl";
import { FormAlert, SubmitButton } from "../../../../../_components/form-parts";
import { useActionForm } from "../../../../../_components/use-action-form";
import { enableAppAction } from "./settings/actions";

type Props = { readonly organization: string; readonly app: string };

/** Asks for nothing: a connection test follows, and says what the app is. */
export function EnableApp({ organization, app }: Props) {
  const t = useTranslations("app");
  const form = useActionForm(enableAppAction.bind(null, organization));
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit}>
      <FormAlert sentence={form.alert} />
      <input type="hidden" name="app" value={app} />
      <SubmitButton isPending={form.isPending} label={t("enable")} pendingLabel={t("enabling")} fullWidth />
    </form>
  );
}
