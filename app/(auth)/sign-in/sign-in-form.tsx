"use client";

import { useTranslations } from "next-intl";
import { EmailField, FormAlert, PasswordField, SubmitButton } from "../../_components/form-parts";
import { loadPage } from "../../_components/load-page";
import { useActionForm } from "../../_components/use-action-form";
import classes from "../auth.module.css";
import { signInWithPassword } from "../sign-in-with-password";

export function SignInForm({ next }: { readonly next: string }) {
  const t = useTranslations("auth");
  const form = useActionForm(
    (_, data) => signInWithPassword(data),
    () => loadPage(next),
  );
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} />
      <EmailField error={form.errorOf("email")} />
      <PasswordField
        label={t("password")}
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        error={form.errorOf("password")}
      />
      <SubmitButton
        isPending={form.isPending || form.state.status === "done"}
        label={t("signIn")}
        pendingLabel={t("signingIn")}
        fullWidth
      />
    </form>
  );
}
