"use client";

import { PasswordInput, type PasswordInputProps, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { GOOD_PASSWORD_CHARACTERS_MIN, PASSWORD_CHARACTERS_MIN } from "@/lib/auth/password-length";
import classes from "./fields.module.css";

type NoteProps = { readonly tone: "caution" | "neutral"; readonly children: string };

/** A remark about a field's value, in place of its help text. Not an error. */
export function FieldNote({ tone, children }: NoteProps) {
  const Icon = tone === "caution" ? IconAlertTriangle : IconInfoCircle;
  return (
    <span className={classes.note} data-tone={tone}>
      <Icon size={16} aria-hidden className={classes.noteIcon} />
      {children}
    </span>
  );
}

export function OrganizationField({ error }: { readonly error: string | undefined }) {
  const t = useTranslations("auth");
  return (
    <TextInput
      label={t("organization")}
      description={t("organizationHelp")}
      name="organization"
      autoComplete="organization"
      required
      withAsterisk={false}
      error={error}
    />
  );
}

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

/** A password field with an accessible name for its visibility toggle. */
export function PasswordField(props: PasswordInputProps) {
  const t = useTranslations("auth");
  return (
    <PasswordInput
      visibilityToggleButtonProps={{ "aria-label": t("passwordShow"), tabIndex: 0 }}
      {...props}
    />
  );
}

/** The user's password, which dangerous actions ask for when the last confirmation is too old. */
export function ConfirmationField({ error }: { readonly error: string | undefined }) {
  const t = useTranslations("auth");
  return (
    <PasswordField
      label={t("confirmPassword")}
      description={t("confirmHelp")}
      name="confirmation"
      autoComplete="current-password"
      error={error}
    />
  );
}

type NewPasswordProps = {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
};

/** A field for a new password, with its strength in words. */
export function NewPasswordField({ label, name, value, onChange, error }: NewPasswordProps) {
  const t = useTranslations("auth");
  const { length } = value;
  const strength = () => {
    if (length === 0) return t("passwordHelp");
    if (length < PASSWORD_CHARACTERS_MIN) return t("strengthShort", { n: PASSWORD_CHARACTERS_MIN - length });
    return length < GOOD_PASSWORD_CHARACTERS_MIN ? t("strengthFair") : t("strengthGood");
  };
  return (
    <PasswordField
      label={label}
      description={strength()}
      name={name}
      autoComplete="new-password"
      required
      withAsterisk={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
    />
  );
}
