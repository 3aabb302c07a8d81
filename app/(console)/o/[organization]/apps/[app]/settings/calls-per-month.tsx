"use client";

import { NativeSelect, TextInput } from "@mantine/core";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { CALLS_PER_MONTH } from "@/lib/dingtalk-apps/form-values";

type Props = { readonly value: number; readonly error: string | undefined };

const OTHER = "other";

/** What the organization's edition of DingTalk allows in a month: a known number, or one that is typed. */
export function CallsPerMonth({ value, error }: Props) {
  const t = useTranslations("appSettings");
  const format = useFormatter();
  const isKnown = CALLS_PER_MONTH.some((one) => one === value);
  const [choice, setChoice] = useState(isKnown ? String(value) : OTHER);
  const choices = [
    ...CALLS_PER_MONTH.map((calls) => ({ value: String(calls), label: format.number(calls) })),
    { value: OTHER, label: t("callsPerMonthOther") },
  ];
  return (
    <>
      <NativeSelect
        label={t("callsPerMonth")}
        description={t("callsPerMonthHelp")}
        value={choice}
        onChange={(event) => setChoice(event.currentTarget.value)}
        data={choices}
      />
      {choice === OTHER ? (
        <TextInput
          label={t("callsPerMonthTyped")}
          name="callsPerMonth"
          defaultValue={isKnown ? "" : String(value)}
          inputMode="numeric"
          error={error}
        />
      ) : (
        <input type="hidden" name="callsPerMonth" value={choice} />
      )}
    </>
  );
}
