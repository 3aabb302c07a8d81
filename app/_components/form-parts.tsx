"use client";

import { Button, type ButtonProps, PasswordInput, type PasswordInputProps, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { Notice } from "./notice";

/** What is wrong with the form as a whole. Takes the focus, so that the first thing heard is the reason. */
export function FormAlert({ sentence }: { readonly sentence: string | undefined }) {
  if (!sentence) return null;
  return (
    <Notice tone="danger" role="alert">
      {sentence}
    </Notice>
  );
}

type SubmitProps = ButtonProps & {
  readonly isPending: boolean;
  readonly label: string;
  readonly pendingLabel: string;
};

/** The one filled button of a form. It says what runs instead of turning grey, and can't be pressed twice. */
export function SubmitButton({ isPending, label, pendingLabel, ...props }: SubmitProps) {
  return (
    <Button
      type="submit"
      aria-disabled={isPending}
      onClick={(event) => isPending && event.preventDefault()}
      {...props}
    >
      {isPending ? pendingLabel : label}
    </Button>
  );
}

/** The e-mail that a person signs in with. */
export function EmailField({ error }: { readonly error: string | undefined }) {
  const t = useTranslations("auth");
  return (
    <TextInput
      label={t("email")}
      name="email"
      type="email"
      autoComplete="username"
      required
      withAsterisk={false}
      error={error}
    />
  );
}

/** A password field whose eye has a name. */
export function PasswordField(props: PasswordInputProps) {
  const t = useTranslations("auth");
  return (
    <PasswordInput
      visibilityToggleButtonProps={{ "aria-label": t("passwordShow"), tabIndex: 0 }}
      {...props}
    />
  );
}

/** The person's password once more, for what is dangerous and was not confirmed lately. */
export function ConfirmationField() {
  const t = useTranslations("auth");
  return (
    <PasswordField
      label={t("confirmPassword")}
      description={t("confirmHelp")}
      name="confirmation"
      autoComplete="current-password"
    />
  );
}
