"use client";

import { TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { ConfirmationField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { checkBy } from "@/lib/actions/field-errors";
import { setUpAction } from "./actions";
import classes from "./events.module.css";
import { ShownSecrets } from "./shown-secrets";

const check = checkBy(async () => (await import("@/lib/events/subscription/schema")).setUpInput);

type Props = {
  readonly organization: string;
  readonly app: string;
  /** The app has a subscription. Its values are shown only after they were made. */
  readonly isSetUp: boolean;
};
type Secrets = { readonly url: string; readonly token: string; readonly aesKey: string };

/** Creates the subscription, and shows the values to enter in DingTalk once. */
export function SetUp({ organization, app, isSetUp }: Props) {
  const t = useTranslations("events");
  const [secrets, setSecrets] = useState<Secrets | null>(null);
  const form = useActionForm(setUpAction.bind(null, organization), setSecrets, { check });
  if (secrets !== null) {
    return (
      <ShownSecrets
        secrets={[
          { kind: "path", value: secrets.url },
          { kind: "token", value: secrets.token },
          { kind: "aes_key", value: secrets.aesKey },
        ]}
      />
    );
  }
  if (isSetUp) return null;
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <input type="hidden" name="app" value={app} />
      <TextInput
        label={t("ownToken")}
        description={t("ownTokenHelp")}
        name="token"
        autoComplete="off"
        spellCheck={false}
        error={form.errorOf("token")}
      />
      <TextInput
        label={t("ownAesKey")}
        description={t("ownAesKeyHelp")}
        name="aesKey"
        autoComplete="off"
        spellCheck={false}
        error={form.errorOf("aesKey")}
      />
      {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
      <SubmitButton isPending={form.isPending} label={t("setUp")} pendingLabel={t("settingUp")} />
    </form>
  );
}
