"use client";

import { useTranslations } from "next-intl";
import { PASSWORD_CHARACTERS_MIN } from "@/lib/auth/password-length";
import { PasswordField } from "./form-parts";

/** From here on guessing is hopeless for anybody without the hash, whatever the characters are. */
const GOOD_CHARACTERS_MIN = 20;

type Props = {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
};

/** A field for a password that is being chosen, with its strength in words. */
export function NewPasswordField({ label, name, value, onChange, error }: Props) {
  const t = useTranslations("auth");
  const { length } = value;
  const strength = () => {
    if (length === 0) return t("passwordHelp");
    if (length < PASSWORD_CHARACTERS_MIN) return t("strengthShort", { n: PASSWORD_CHARACTERS_MIN - length });
    return length < GOOD_CHARACTERS_MIN ? t("strengthFair") : t("strengthGood");
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
