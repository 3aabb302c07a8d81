"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { Notice } from "@/app/_components/feedback/notice";
import { NewPasswordField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { Link } from "@/app/_components/navigation/link";
import classes from "../auth.module.css";
import { setPasswordAction } from "./actions";

export function SetPasswordForm({ link }: { readonly link: string }) {
  const t = useTranslations("auth");
  const [password, setPassword] = useState("");
  const form = useActionForm(setPasswordAction);
  if (form.state.status === "done") {
    return (
      <Notice tone="positive" role="status">
        {t("setPasswordDone")}
        <Link href="/sign-in">{t("goSignIn")}</Link>
      </Notice>
    );
  }
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} />
      <input type="hidden" name="link" value={link} />
      <NewPasswordField
        label={t("newPassword")}
        name="password"
        value={password}
        onChange={setPassword}
        error={form.errorOf("password")}
      />
      <SubmitButton
        isPending={form.isPending}
        label={t("setPassword")}
        pendingLabel={t("setPassword")}
        fullWidth
      />
    </form>
  );
}
