"use client";

import { Group } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { ChoiceBox } from "@/app/_components/forms/choice-box";
import { ConfirmationField } from "@/app/_components/forms/fields";
import classes from "@/app/_components/forms/form.module.css";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { keepsPersonalAction } from "./actions";

type Props = { readonly organization: string; readonly keepsPersonal: boolean };

/** Turns the storage of members' personal data on or off (S33). */
export function PersonalDataForm({ organization, keepsPersonal }: Props) {
  const t = useTranslations("settings");
  const common = useTranslations("common");
  const [isOn, setOn] = useState(keepsPersonal);
  const form = useActionForm(keepsPersonalAction.bind(null, organization), () => announce(common("saved")));
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <input type="hidden" name="keepsPersonal" value={isOn ? "on" : "off"} />
      <ChoiceBox
        type="checkbox"
        label={t("personalOn")}
        help={`${t("personalHelp")} ${t("personalErases")}`}
        checked={isOn}
        onChange={setOn}
      />
      {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
      <Group>
        <SubmitButton
          variant="default"
          isPending={form.isPending}
          label={common("save")}
          pendingLabel={common("saving")}
        />
        {form.state.status === "done" && !form.isPending && <span>{common("saved")}</span>}
      </Group>
    </form>
  );
}
