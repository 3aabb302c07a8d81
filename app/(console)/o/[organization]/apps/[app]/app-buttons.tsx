"use client";

import { useTranslations } from "next-intl";
import type { ComponentProps } from "react";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import type { ActionState } from "@/lib/action-state";
import { enableAppAction, retryNowAction } from "./settings/actions";

type ButtonProps<Data> = Pick<ComponentProps<typeof SubmitButton>, "label" | "pendingLabel" | "variant"> & {
  readonly action: (previous: ActionState<Data>, form: FormData) => Promise<ActionState<Data>>;
  readonly app: string;
  /** Further form fields, as name and value. */
  readonly hidden?: Readonly<Record<string, string>>;
  /** Status text after a success, for a button that stays on the page. */
  readonly doneText?: string;
};

/** A one-click server action for an app, with the error message above the button. */
export function AppButton<Data>({ action, app, hidden, doneText, ...button }: ButtonProps<Data>) {
  const form = useActionForm(action);
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit}>
      <FormAlert sentence={form.alert} />
      <input type="hidden" name="app" value={app} />
      {Object.entries(hidden ?? {}).map(([name, value]) => (
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

type Props = { readonly organization: string; readonly app: string };

/** Enables a disabled app. The server then runs a connection test, which sets the app's state. */
export function EnableAppButton({ organization, app }: Props) {
  const t = useTranslations("app");
  const action = enableAppAction.bind(null, organization);
  return <AppButton action={action} app={app} label={t("enable")} pendingLabel={t("enabling")} />;
}

/** Runs the next automatic attempt now. The button remains, with a message, when the attempt fails. */
export function RetryNowButton({ organization, app }: Props) {
  const t = useTranslations("app");
  const action = retryNowAction.bind(null, organization);
  return (
    <AppButton
      action={action}
      app={app}
      label={t("retryNow")}
      pendingLabel={t("retrying")}
      doneText={t("retriedInVain")}
      variant="default"
    />
  );
}
