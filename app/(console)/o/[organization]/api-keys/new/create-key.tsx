"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { AppChoice } from "@/app/_components/forms/choice-group";
import { ConfirmationField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { checkBy } from "@/lib/actions/field-errors";
import { exampleCall } from "@/lib/api-keys/example-call";
import { createKeyAction } from "../actions";
import classes from "./create-key.module.css";
import { CreatedKey } from "./created-key";
import { Limits, NameAndExpiry, ScopeCards } from "./key-fields";

const check = checkBy(async () => (await import("@/lib/api-keys/schema")).createKeyInput);

type Props = {
  readonly organization: string;
  readonly apps: readonly { readonly id: string; readonly name: string }[];
  /** Dingkeep's public origin. */
  readonly origin: string;
};

/** Placeholder in the example call while there is no app. */
const NO_APP = "APP_ID";

/** The form for a new key, then the key, which is shown once. */
export function CreateKey({ organization, apps, origin }: Props) {
  const t = useTranslations("key");
  const [created, setCreated] = useState<{ readonly key: string; readonly example: string } | null>(null);
  const list = `/o/${organization}/api-keys`;
  const form = useActionForm(
    createKeyAction.bind(null, organization),
    ({ key, appIds, ...created }) => {
      const appId = appIds?.[0] ?? apps[0]?.id ?? NO_APP;
      setCreated({ key, example: exampleCall(created, { origin, appId }) });
      // A reload or Back then shows the list, so that the key exists only on screen.
      window.history.replaceState(null, "", list);
    },
    { check },
  );
  if (created !== null) return <CreatedKey value={created.key} list={list} example={created.example} />;
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <NameAndExpiry errorOf={form.errorOf} />
      <ScopeCards error={form.errorOf("scopes")} />
      <AppChoice legend={t("apps")} help={t("appsHelp")} apps={apps} error={form.errorOf("apps")} />
      <Limits errorOf={form.errorOf} />
      {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
      <SubmitButton isPending={form.isPending} label={t("create")} pendingLabel={t("creating")} />
    </form>
  );
}
