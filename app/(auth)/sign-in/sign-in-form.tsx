"use client";

import { useTranslations } from "next-intl";
import { EmailField, PasswordField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { loadPage } from "@/app/_components/navigation/load-page";
import { signInWithPassword } from "@/app/_components/session/sign-in";
import classes from "../auth.module.css";

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
