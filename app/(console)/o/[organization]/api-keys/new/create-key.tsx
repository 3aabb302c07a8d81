"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { ConfirmationField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { checkBy } from "@/lib/actions/field-errors";
import { exampleCall } from "@/lib/api-keys/example-call";
import { createKeyAction } from "../actions";
import classes from "./create-key.module.css";
import { CreatedKey } from "./created-key";
import { AppChoice, Limits, NameAndExpiry, ScopeCards } from "./key-fields";

const check = checkBy(async () => (await import("@/lib/api-keys/schema")).createKeyInput);

type Props = {
  readonly organization: string;
  readonly apps: readonly { readonly id: string; readonly name: string }[];
  /** Where programs find Dingkeep. */
  readonly origin: string;
};

/** In place of an app's id while there is none. */
const NO_APP = "APP_ID";

/** What a key may do; then the key, once. */
export function CreateKey({ organization, apps, origin }: Props) {
  const t = useTranslations("key");
  const [made, setMade] = useState<{ readonly key: string; readonly example: string } | null>(null);
  const list = `/o/${organization}/api-keys`;
  const form = useActionForm(
    createKeyAction.bind(null, organization),
    ({ key, appIds, ...made }) => {
      const appId = appIds?.[0] ?? apps[0]?.id ?? NO_APP;
      setMade({ key, example: exampleCall(made, { origin, appId }) });
      // Loaded anew or left by Back, this page is the list: the key is nowhere but on the screen.
      window.history.replaceState(null, "", list);
    },
    { check },
  );
  if (made !== null) return <CreatedKey value={made.key} list={list} example={made.example} />;
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <NameAndExpiry errorOf={form.errorOf} />
      <ScopeCards error={form.errorOf("scopes")} />
      <AppChoice apps={apps} error={form.errorOf("apps")} />
      <Limits errorOf={form.errorOf} />
      {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
      <SubmitButton isPending={form.isPending} label={t("create")} pendingLabel={t("creating")} />
    </form>
  );
}
