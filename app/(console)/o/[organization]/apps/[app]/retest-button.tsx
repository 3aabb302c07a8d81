"use client";

import { useTranslations } from "next-intl";
import { FormAlert, SubmitButton } from "../../../../../_components/form-parts";
import { useActionForm } from "../../../../../_components/use-action-form";
import classes from "../../../../form.module.css";
import { TestResult } from "../new/test-result";
import { retestAppAction } from "./settings/actions";

type Props = { readonly organization: string; readonly app: string };

/** Tests the app with the secret that is kept, and sets it to work if it passes. */
export function RetestButton({ organization, app }: Props) {
  const t = useTranslations("app");
  const form = useActionForm(retestAppAction.bind(null, organization));
  return (
    <form
      ref={form.formRef}
      onSubmit={form.onSubmit}
      className={classes.form}
      style={{ marginTop: 16, maxWidth: 640 }}
    >
      <FormAlert sentence={form.alert} />
      <input type="hidden" name="app" value={app} />
      <SubmitButton isPending={form.isPending} label={t("test")} pendingLabel={t("testing")} />
      {form.state.status === "done" && <TestResult test={form.state.data.test} isStale={false} />}
    </form>
  );
}
