"use client";

import { PasswordInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { checkBy } from "@/lib/actions/field-errors";
import { ConfirmationField, FormAlert, SubmitButton } from "../../../../../../_components/form-parts";
import { Notice } from "../../../../../../_components/notice";
import { useActionForm } from "../../../../../../_components/use-action-form";
import classes from "../../../../../form.module.css";
import { TestResult } from "../../new/test-result";
import { replaceSecretAction } from "./actions";

const check = checkBy(async () => (await import("@/lib/dingtalk-apps/schema")).replaceSecretInput);

type Props = { readonly organization: string; readonly app: string };

/** A new secret, tested before it takes the old one's place. */
export function ReplaceSecret({ organization, app }: Props) {
  const t = useTranslations("app");
  const form = useActionForm(
    replaceSecretAction.bind(null, organization),
    ({ isReplaced }) => {
      if (isReplaced) form.formRef.current?.reset();
    },
    { check, isSaved: ({ isReplaced }) => isReplaced },
  );
  const done = form.state.status === "done" ? form.state.data : null;
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      {done?.isReplaced && !form.isPending && (
        <Notice tone="positive" role="status">
          {t("replaced")}
        </Notice>
      )}
      <input type="hidden" name="app" value={app} />
      <PasswordInput
        label={t("newSecret")}
        description={t("replaceHelp")}
        name="appSecret"
        autoComplete="off"
        visibilityToggleButtonProps={{ "aria-hidden": true, tabIndex: -1, style: { display: "none" } }}
        error={form.errorOf("appSecret")}
      />
      {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
      <SubmitButton
        isPending={form.isPending}
        label={t("replace")}
        pendingLabel={t("replacing")}
        variant="default"
      />
      {(form.isPending || (done && !done.test.isPassed)) && (
        <TestResult test={form.isPending ? null : (done?.test ?? null)} isStale={false} />
      )}
    </form>
  );
}
