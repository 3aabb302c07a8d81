"use client";

import { Button, type ButtonProps, PasswordInput, type PasswordInputProps, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { Notice } from "../feedback/notice";
import classes from "./form-parts.module.css";

type AlertProps = {
  readonly sentence: string | undefined;
  /** Sends the same again, where the server gave no answer. */
  readonly onRetry?: (() => void) | undefined;
};

/** What is wrong with the form as a whole. Takes the focus, so that the first thing heard is the reason. */
export function FormAlert({ sentence, onRetry }: AlertProps) {
  const t = useTranslations("common");
  if (!sentence) return null;
  return (
    <Notice tone="danger" role="alert">
      {sentence}
      {onRetry && (
        <Button variant="default" size="xs" onClick={onRetry} className={classes.retry}>
          {t("retry")}
        </Button>
      )}
    </Notice>
  );
}

type LabelProps = {
  readonly isPending: boolean;
  readonly label: string;
  readonly pendingLabel: string;
};

/** One of two words on a button that is as wide as the longer of them, so that nothing beside it moves. */
function PendingLabel({ isPending, label, pendingLabel }: LabelProps) {
  return (
    <span className={classes.words}>
      <span className={classes.word} data-hidden={isPending || undefined}>
        {label}
      </span>
      <span className={classes.word} data-hidden={!isPending || undefined}>
        {pendingLabel}
      </span>
    </span>
  );
}

type SubmitProps = ButtonProps &
  LabelProps & {
    /** It can't be pressed yet; a text that `aria-describedby` names says why. */
    readonly isBlocked?: boolean;
    readonly "aria-describedby"?: string | undefined;
    readonly "data-intent"?: string;
    /** Of several buttons of one form, which one it was. */
    readonly name?: string;
    readonly value?: string;
  };

/** A button that sends its form. It says what runs instead of turning grey, and can't be pressed twice. */
export function SubmitButton({ isPending, isBlocked = false, label, pendingLabel, ...props }: SubmitProps) {
  const isHeld = isPending || isBlocked;
  return (
    <Button
      type="submit"
      aria-disabled={isHeld}
      data-disabled={isBlocked}
      onClick={(event) => isHeld && event.preventDefault()}
      {...props}
    >
      <PendingLabel isPending={isPending} label={label} pendingLabel={pendingLabel} />
    </Button>
  );
}

type NoteProps = { readonly tone: "caution" | "neutral"; readonly children: string };

/** A remark on what stands in a field, in the place of its help: no error, but worth a look. */
export function FieldNote({ tone, children }: NoteProps) {
  const Icon = tone === "caution" ? IconAlertTriangle : IconInfoCircle;
  return (
    <span className={classes.note} data-tone={tone}>
      <Icon size={16} aria-hidden className={classes.noteIcon} />
      {children}
    </span>
  );
}

/** The name of an organization that is being made. */
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
