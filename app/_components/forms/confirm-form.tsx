"use client";

import { Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./form.module.css";
import { FormAlert, SubmitButton } from "./submit-button";
import type { useActionForm } from "./use-action-form";

type Props = {
  readonly form: Pick<ReturnType<typeof useActionForm>, "formRef" | "onSubmit" | "alert" | "isPending">;
  /** The hidden field that names the target. */
  readonly field: { readonly name: string; readonly value: string };
  /** Explains the consequence. */
  readonly children: ReactNode;
  /** A field below it, such as the password. */
  readonly extraField?: ReactNode;
  readonly keepLabel: string;
  readonly onKeep: () => void;
  readonly label: string;
  readonly pendingLabel: string;
};

/** A confirmation in a popover. The focus starts at the button that changes nothing. */
export function ConfirmForm({
  form,
  field,
  children,
  extraField,
  keepLabel,
  onKeep,
  label,
  pendingLabel,
}: Props) {
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form}>
      <FormAlert sentence={form.alert} />
      <input type="hidden" name={field.name} value={field.value} />
      <p style={{ margin: 0 }}>{children}</p>
      {extraField}
      <Group gap="xs" justify="flex-end" w="100%">
        <Button variant="default" onClick={onKeep} data-autofocus>
          {keepLabel}
        </Button>
        <SubmitButton isPending={form.isPending} label={label} pendingLabel={pendingLabel} color="red" />
      </Group>
    </form>
  );
}
