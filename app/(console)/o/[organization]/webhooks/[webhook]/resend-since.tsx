"use client";

import { NativeSelect } from "@mantine/core";
import { useTranslations } from "next-intl";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { RESEND_HOURS } from "@/lib/webhooks/endpoints/choices";
import { resendSinceAction } from "../actions";
import classes from "../webhooks.module.css";

type Props = { readonly organization: string; readonly webhook: string };

/** Delivers all events since a time again. */
export function ResendSince({ organization, webhook }: Props) {
  const t = useTranslations("webhooks");
  const form = useActionForm(resendSinceAction.bind(null, organization), undefined, { ignoresUnsaved: true });
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.result}>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <input type="hidden" name="webhook" value={webhook} />
      <div className={classes.row}>
        <NativeSelect
          label={t("resendSince")}
          description={t("resendHelp")}
          name="hours"
          data={RESEND_HOURS.map((hours) => ({ value: String(hours), label: t(`hours.${hours}`) }))}
        />
        <SubmitButton
          isPending={form.isPending}
          label={t("resendAll")}
          pendingLabel={t("sending")}
          variant="default"
        />
      </div>
      <p role="status">{form.state.status === "done" && !form.isPending && t("resendQueued")}</p>
    </form>
  );
}
