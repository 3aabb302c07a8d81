"use client";

import type { ComponentProps } from "react";
import { FormAlert, SubmitButton } from "@/app/_components/forms/form-parts";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import type { ActionState } from "@/lib/action-state";

type Props<Data> = Pick<ComponentProps<typeof SubmitButton>, "label" | "pendingLabel" | "variant"> & {
  readonly action: (previous: ActionState<Data>, form: FormData) => Promise<ActionState<Data>>;
  readonly app: string;
  /** Sent along. */
  readonly hidden?: Readonly<Record<string, string>>;
  /** What is said where the button is still there after it was done. */
  readonly doneWords?: string;
};

/** One press for an app, and nothing to fill in; why it wasn't done stands above it. */
export function AppButton<Data>({ action, app, hidden, doneWords, ...button }: Props<Data>) {
  const form = useActionForm(action);
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit}>
      <FormAlert sentence={form.alert} />
      <input type="hidden" name="app" value={app} />
      {Object.entries(hidden ?? {}).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <SubmitButton isPending={form.isPending} fullWidth {...button} />
      {doneWords && (
        <p role="status" style={{ fontSize: 13, margin: 0, minWidth: "100%", width: 0 }}>
          {form.state.status === "done" && !form.isPending && doneWords}
        </p>
      )}
    </form>
  );
}
