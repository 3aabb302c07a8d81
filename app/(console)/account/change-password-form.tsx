"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Notice } from "@/app/_components/feedback/notice";
import { NewPasswordField, PasswordField } from "@/app/_components/forms/fields";
import classes from "@/app/_components/forms/form.module.css";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { changePasswordAction } from "./actions";

export function ChangePasswordForm() {
  const t = useTranslations("account");
  const [password, setPassword] = useState("");
  const form = useActionForm(changePasswordAction, () => {
    setPassword("");
    form.formRef.current?.reset();
  });
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      {form.state.status === "done" && (
        <Notice tone="positive" role="status">
          {t("otherSessions")}
        </Notice>
      )}
      <FormAlert sentence={form.alert} />
      <PasswordField
        label={t("present")}
        name="present"
        autoComplete="current-password"
        error={form.errorOf("present")}
      />
      <NewPasswordField
        label={t("new")}
        name="password"
        value={password}
        onChange={setPassword}
        error={form.errorOf("password")}
      />
      <SubmitButton isPending={form.isPending} label={t("change")} pendingLabel={t("changing")} />
    </form>
  );
}
