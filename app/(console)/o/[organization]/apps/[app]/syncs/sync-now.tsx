"use client";

import { useTranslations } from "next-intl";
import { FormAlert, SubmitButton } from "../../../../../../_components/form-parts";
import { useActionForm } from "../../../../../../_components/use-action-form";
import { startSyncAction } from "./actions";

type Props = {
  readonly organization: string;
  readonly app: string;
  readonly isPrimary?: boolean;
  readonly label?: string;
};

/** Starts a sync and opens its run; a second one while one runs opens that one. */
export function SyncNow({ organization, app, isPrimary = true, label }: Props) {
  const t = useTranslations("sync");
  const form = useActionForm(startSyncAction.bind(null, organization));
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit}>
      <FormAlert sentence={form.alert} />
      <input type="hidden" name="app" value={app} />
      <SubmitButton
        isPending={form.isPending}
        label={label ?? t("now")}
        pendingLabel={t("starting")}
        variant={isPrimary ? "filled" : "default"}
        fullWidth
      />
    </form>
  );
}
