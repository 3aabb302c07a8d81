"use client";

import { PasswordInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { Notice } from "@/app/_components/feedback/notice";
import { ConfirmationField } from "@/app/_components/forms/fields";
import classes from "@/app/_components/forms/form.module.css";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { ConnectionTestResult } from "@/app/_components/status/connection-test-result";
import type { ActionState } from "@/lib/action-state";
import { checkBy, type FormCheck } from "@/lib/actions/field-errors";
import type { ConnectionTest } from "@/lib/dingtalk-apps/schema";
import { replaceSecretAction, replaceTicketAction } from "./actions";

const checkSecret = checkBy(async () => (await import("@/lib/dingtalk-apps/schema")).replaceSecretInput);
const checkTicket = checkBy(async () => (await import("@/lib/dingtalk-apps/schema")).replaceTicketInput);

type Replaced = { readonly isReplaced: boolean; readonly test: ConnectionTest };
type Props = { readonly organization: string; readonly app: string };

type FormProps = {
  readonly app: string;
  readonly action: (previous: ActionState<Replaced>, form: FormData) => Promise<ActionState<Replaced>>;
  readonly check: FormCheck;
  readonly name: "appSecret" | "suiteTicket";
  readonly label: string;
  readonly help: string;
  /** Message after a successful replacement. */
  readonly done: string;
};

/** A secret value that is tested before it replaces the old one, and is never shown. */
function ReplaceForm({ app, action, check, name, label, help, done: doneWords }: FormProps) {
  const t = useTranslations("app");
  const form = useActionForm(
    action,
    ({ isReplaced }) => {
      if (isReplaced) form.formRef.current?.reset();
    },
    { check, isSaved: ({ isReplaced }) => isReplaced },
  );
  const done = form.state.status === "done" ? form.state.data : null;
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      {done?.isReplaced && !form.isPending && (
        <Notice tone="positive" role="status">
          {doneWords}
        </Notice>
      )}
      <input type="hidden" name="app" value={app} />
      <PasswordInput
        label={label}
        description={help}
        name={name}
        autoComplete="off"
        visibilityToggleButtonProps={{ "aria-hidden": true, tabIndex: -1, style: { display: "none" } }}
        error={form.errorOf(name)}
      />
      {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
      <SubmitButton
        isPending={form.isPending}
        label={t("replace")}
        pendingLabel={t("replacing")}
        variant="default"
      />
      {(form.isPending || (done && !done.test.isPassed)) && (
        <ConnectionTestResult test={form.isPending ? null : (done?.test ?? null)} isStale={false} />
      )}
    </form>
  );
}

/** Replaces the AppSecret, or a third-party app's SuiteSecret. */
export function ReplaceSecret({ organization, app, isSuite }: Props & { readonly isSuite: boolean }) {
  const t = useTranslations("app");
  const connect = useTranslations("connect");
  return (
    <ReplaceForm
      app={app}
      action={replaceSecretAction.bind(null, organization)}
      check={checkSecret}
      name="appSecret"
      label={isSuite ? connect("newSuiteSecret") : t("newSecret")}
      help={t("replaceHelp")}
      done={isSuite ? connect("suiteSecretReplaced") : t("replaced")}
    />
  );
}

/** Sets a third-party app's suite ticket by hand, while no callback delivers it. */
export function ReplaceTicket({ organization, app }: Props) {
  const t = useTranslations("connect");
  return (
    <ReplaceForm
      app={app}
      action={replaceTicketAction.bind(null, organization)}
      check={checkTicket}
      name="suiteTicket"
      label={t("newTicket")}
      help={t("newTicketHelp")}
      done={t("ticketReplaced")}
    />
  );
}
