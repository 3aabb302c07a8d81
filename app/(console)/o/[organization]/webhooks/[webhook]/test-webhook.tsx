"use client";

import { useFormatter, useTranslations } from "next-intl";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { Card } from "@/app/_components/page/card";
import { formatDuration } from "@/app/_components/time/format-duration";
import { testWebhookAction } from "../actions";
import { AttemptResult } from "../attempt-result";
import classes from "../webhooks.module.css";

type Props = { readonly organization: string; readonly webhook: string };

/** Sends a test event and shows the response. */
export function TestWebhook({ organization, webhook }: Props) {
  const t = useTranslations("webhooks");
  const format = useFormatter();
  const form = useActionForm(testWebhookAction.bind(null, organization));
  const sent = form.state.status === "done" && !form.isPending ? form.state.data : null;
  return (
    <Card title={t("test")}>
      <p style={{ margin: 0 }}>{t("testHelp")}</p>
      <form ref={form.formRef} onSubmit={form.onSubmit}>
        <FormAlert sentence={form.alert} onRetry={form.retry} />
        <input type="hidden" name="webhook" value={webhook} />
        <SubmitButton
          isPending={form.isPending}
          label={t("sendTest")}
          pendingLabel={t("sending")}
          variant="default"
        />
      </form>
      <div role="status" className={classes.result}>
        {sent && (
          <>
            <p>
              <AttemptResult {...sent} />{" "}
              <span className={classes.dimmed}>{formatDuration(sent.durationMs, format)}</span>
            </p>
            {sent.answer !== "" && <pre className={classes.payload}>{sent.answer}</pre>}
          </>
        )}
      </div>
    </Card>
  );
}
