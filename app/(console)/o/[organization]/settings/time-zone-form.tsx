"use client";

import { Group, Select } from "@mantine/core";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { announce } from "@/app/_components/feedback/announce";
import classes from "@/app/_components/forms/form.module.css";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { canonicalTimeZone, describeTimeZone, timeZones, zoneLabel } from "@/lib/i18n/time-zones";
import { setTimeZoneAction } from "./actions";

type Choice = { readonly value: string; readonly label: string };

type Props = {
  readonly organization: string;
  /** The current zone, with the server's display name. */
  readonly zone: Choice;
};

/** Returns all zones from west to east. Built in the browser to save sending 400 names. */
function choices(locale: string, current: Choice): Choice[] {
  const currentZone = canonicalTimeZone(current.value);
  const collator = new Intl.Collator(locale);
  return timeZones()
    .filter((value) => value !== currentZone)
    .map((value) => ({ value, label: zoneLabel(locale, value) }))
    .concat(current)
    .map((choice) => ({ ...choice, offset: describeTimeZone(locale, choice.value).offset }))
    .sort((a, b) => a.offset - b.offset || collator.compare(a.label, b.label))
    .map(({ value, label }) => ({ value, label }));
}

/** The time zone for all times of the organization. */
export function TimeZoneForm({ organization, zone }: Props) {
  const t = useTranslations("settings");
  const common = useTranslations("common");
  const locale = useLocale();
  const [zones, setZones] = useState([zone]);
  const form = useActionForm(setTimeZoneAction.bind(null, organization), () => announce(common("saved")));
  const error = form.errorOf("timeZone");
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      {!error && <FormAlert sentence={form.alert} />}
      <Select
        label={t("timeZone")}
        description={t("timeZoneHelp")}
        name="timeZone"
        defaultValue={zone.value}
        data={zones}
        onFocus={() => setZones((known) => (known.length > 1 ? known : choices(locale, zone)))}
        searchable
        selectFirstOptionOnChange
        allowDeselect={false}
        nothingFoundMessage={t("noTimeZone")}
        maxDropdownHeight={320}
        comboboxProps={{ shadow: "var(--dk-shadow)" }}
        error={error}
      />
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
