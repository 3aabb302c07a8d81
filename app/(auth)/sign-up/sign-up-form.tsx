"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { EmailField, NewPasswordField, OrganizationField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { loadPage } from "@/app/_components/navigation/load-page";
import { signInWithPassword } from "@/app/_components/session/sign-in";
import type { ActionState } from "@/lib/action-state";
import classes from "../auth.module.css";
import { signUpAction } from "./actions";

type Created = { readonly organization: string };

async function signUpAndIn(previous: ActionState<Created>, form: FormData): Promise<ActionState<Created>> {
  const created = await signUpAction(previous, form);
  if (created.status !== "done") return created;
  const signedIn = await signInWithPassword(form);
  return signedIn.status === "failed" ? signedIn : created;
}

export function SignUpForm() {
  const t = useTranslations("auth");
  const [password, setPassword] = useState("");
  const form = useActionForm(signUpAndIn, ({ organization }) => loadPage(`/o/${organization}`));
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} />
      <OrganizationField error={form.errorOf("organization")} />
      <EmailField error={form.errorOf("email")} />
      <NewPasswordField
        label={t("password")}
        name="password"
        value={password}
        onChange={setPassword}
        error={form.errorOf("password")}
      />
      <SubmitButton
        isPending={form.isPending || form.state.status === "done"}
        label={t("signUp")}
        pendingLabel={t("signingUp")}
        fullWidth
      />
    </form>
  );
}
