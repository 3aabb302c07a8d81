"use client";

import { Group, NativeSelect, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { announce } from "@/app/_components/feedback/announce";
import { ConfirmationField } from "@/app/_components/forms/fields";
import classes from "@/app/_components/forms/form.module.css";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { Card } from "@/app/_components/page/card";
import { checkBy } from "@/lib/actions/field-errors";
import type { ShownSettings } from "@/lib/directory/settings/commands";
import {
  DETAILS_DAYS,
  FULL_EVERY_HOURS,
  HISTORY_DAYS,
  REMOVED_DAYS,
} from "@/lib/directory/settings/setting-choices";
import { directorySettingsAction } from "./actions";
import { ChosenDepartments } from "./chosen-departments";
import own from "./directory-settings.module.css";

const check = checkBy(async () => (await import("@/lib/directory/settings/schema")).directorySettingsInput);

type Props = { readonly organization: string; readonly app: string; readonly settings: ShownSettings };

export function DirectorySettingsForm({ organization, app, settings }: Props) {
  const t = useTranslations("directorySettings");
  const common = useTranslations("common");
  const form = useActionForm(
    directorySettingsAction.bind(null, organization),
    () => announce(common("saved")),
    {
      check,
    },
  );
  const days = (values: readonly number[]) =>
    values.map((n) => ({ value: String(n), label: t("days", { n }) }));
  const search = `/o/${organization}/apps/${app}/directory/search`;
  const limit = (name: "departmentsRemovable" | "membersRemovable" | "percentRemovable") => (
    <TextInput
      label={t(name)}
      name={name}
      defaultValue={String(settings[name])}
      inputMode="numeric"
      error={form.errorOf(name)}
    />
  );
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={own.cards} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <input type="hidden" name="app" value={app} />
      <Card title={t("guard")}>
        <div className={classes.form}>
          <p className={own.help}>{t("guardHelp")}</p>
          {limit("departmentsRemovable")}
          {limit("membersRemovable")}
          {limit("percentRemovable")}
        </div>
      </Card>
      <Card title={t("scope")}>
        <p className={own.help}>{t("scopeHelp")}</p>
        <ChosenDepartments
          name="includeIds"
          label={t("include")}
          empty={t("includeAll")}
          search={search}
          chosen={settings.include}
          error={form.errorOf("includeIds")}
        />
        <ChosenDepartments
          name="excludeIds"
          label={t("exclude")}
          empty={t("excludeNone")}
          search={search}
          chosen={settings.exclude}
          error={form.errorOf("excludeIds")}
        />
      </Card>
      <Card title={t("reading")}>
        <div className={classes.form}>
          <NativeSelect
            label={t("fullEvery")}
            description={t("fullEveryHelp")}
            name="fullEveryHours"
            defaultValue={String(settings.fullEveryHours)}
            data={FULL_EVERY_HOURS.map((hours) => ({
              value: String(hours),
              label: hours === 0 ? t("fullEachTime") : t("fullEveryDays", { n: hours / 24 }),
            }))}
            error={form.errorOf("fullEveryHours")}
          />
          <NativeSelect
            label={t("details")}
            description={t("detailsHelp")}
            name="readsDetails"
            defaultValue={settings.readsDetails ? "on" : "off"}
            data={[
              { value: "on", label: t("detailsOn") },
              { value: "off", label: t("detailsOff") },
            ]}
            error={form.errorOf("readsDetails")}
          />
          <NativeSelect
            label={t("detailsDays")}
            name="detailsDays"
            defaultValue={String(settings.detailsDays)}
            data={days(DETAILS_DAYS)}
            error={form.errorOf("detailsDays")}
          />
        </div>
      </Card>
      <Card title={t("keeping")}>
        <div className={classes.form}>
          <NativeSelect
            label={t("removedDays")}
            description={t("removedDaysHelp")}
            name="removedDays"
            defaultValue={String(settings.removedDays)}
            data={days(REMOVED_DAYS)}
            error={form.errorOf("removedDays")}
          />
          <NativeSelect
            label={t("historyDays")}
            description={t("historyDaysHelp")}
            name="historyDays"
            defaultValue={String(settings.historyDays)}
            data={days(HISTORY_DAYS)}
            error={form.errorOf("historyDays")}
          />
        </div>
      </Card>
      {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
      <Group>
        <SubmitButton isPending={form.isPending} label={common("save")} pendingLabel={common("saving")} />
        {form.state.status === "done" && !form.isPending && <span>{common("saved")}</span>}
      </Group>
    </form>
  );
}
