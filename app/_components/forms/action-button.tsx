"use client";

import type { ComponentProps } from "react";
import type { ActionState } from "@/lib/action-state";
import { FormAlert, SubmitButton } from "./submit-button";
import { useActionForm } from "./use-action-form";

type Props<Data> = Pick<ComponentProps<typeof SubmitButton>, "label" | "pendingLabel" | "variant"> & {
  readonly action: (previous: ActionState<Data>, form: FormData) => Promise<ActionState<Data>>;
  /** Form fields, as name and value. */
  readonly fields: Readonly<Record<string, string>>;
  /** Status text after a success, for a button that stays on the page. */
  readonly doneText?: string;
};

/** A one-click server action, with the error message above the button. */
export function ActionButton<Data>({ action, fields, doneText, ...button }: Props<Data>) {
  const form = useActionForm(action);
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit}>
      <FormAlert sentence={form.alert} />
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <SubmitButton isPending={form.isPending} fullWidth {...button} />
      {doneText && (
        <p role="status" style={{ fontSize: 13, margin: 0, minWidth: "100%", width: 0 }}>
          {form.state.status === "done" && !form.isPending && doneText}
        </p>
      )}
    </form>
  );
}
