"use client";

import { NativeSelect } from "@mantine/core";
import { useTranslations } from "next-intl";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { REPROCESS_HOURS } from "@/lib/events/event-states";
import { reprocessSinceAction } from "./actions";
import classes from "./events.module.css";

type Props = { readonly organization: string; readonly app: string };

/** Repeats the re-reads of all events since a time. */
export function ReprocessSince({ organization, app }: Props) {
  const t = useTranslations("events");
  const form = useActionForm(reprocessSinceAction.bind(null, organization), undefined, {
    ignoresUnsaved: true,
  });
  const done = form.state.status === "done" && !form.isPending ? form.state.data : null;
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit}>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <input type="hidden" name="app" value={app} />
      <div className={classes.row}>
        <NativeSelect
          label={t("reprocessSince")}
          description={t("reprocessHelp")}
          name="hours"
          data={REPROCESS_HOURS.map((hours) => ({ value: String(hours), label: t(`hours.${hours}`) }))}
        />
        <SubmitButton
          isPending={form.isPending}
          label={t("reprocess")}
          pendingLabel={t("reprocessing")}
          variant="default"
        />
      </div>
      <p role="status" style={{ margin: 0 }}>
        {done && t("reprocessed", { n: done.events })}
      </p>
    </form>
  );
}
