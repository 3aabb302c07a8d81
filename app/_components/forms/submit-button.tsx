"use client";

import { Button, type ButtonProps } from "@mantine/core";
import { useTranslations } from "next-intl";
import { Notice } from "../feedback/notice";
import classes from "./submit-button.module.css";

type AlertProps = {
  readonly sentence: string | undefined;
  /** Sends the form again after a missing answer. */
  readonly onRetry?: (() => void) | undefined;
};

/** The form's error message. It gets the focus, so that screen readers read it first. */
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

/** Shows one of two labels at the width of the longer one, so that the layout doesn't move. */
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
    /** Not available yet. `aria-describedby` refers to the reason. */
    readonly isBlocked?: boolean;
    readonly "aria-describedby"?: string | undefined;
    readonly "data-intent"?: string;
    /** Identifies the button among several of one form. */
    readonly name?: string;
    readonly value?: string;
  };

/** A submit button that shows a pending label instead of turning gray, and ignores further clicks. */
export function SubmitButton({ isPending, isBlocked = false, label, pendingLabel, ...props }: SubmitProps) {
  const isInactive = isPending || isBlocked;
  return (
    <Button
      type="submit"
      aria-disabled={isInactive}
      data-disabled={isBlocked}
      onClick={(event) => isInactive && event.preventDefault()}
      {...props}
    >
      <PendingLabel isPending={isPending} label={label} pendingLabel={pendingLabel} />
    </Button>
  );
}
