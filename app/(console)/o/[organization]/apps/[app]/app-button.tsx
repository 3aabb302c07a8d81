"use client";

import type { ComponentProps } from "react";
import type { ActionState } from "@/lib/action-state";
import { FormAlert, SubmitButton } from "../../../../../_components/form-parts";
import { useActionForm } from "../../../../../_components/use-action-form";

type Props<Data> = Pick<ComponentProps<typeof SubmitButton>, "label" | "pendingLabel" | "variant"> & {
  readonly action: (previous: ActionState<Data>, form: FormData) => Promise<ActionState<Data>>;
  readonly app: string;
};

/** One press for an app, and nothing to fill in; why it wasn't done stands above it. */
export function AppButton<Data>({ action, app, ...button }: Props<Data>) {
  const form = useActionForm(action);
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit}>
      <FormAlert sentence={form.alert} />
      <input type="hidden" name="app" value={app} />
      <SubmitButton isPending={form.isPending} fullWidth {...button} />
    </form>
  );
}
