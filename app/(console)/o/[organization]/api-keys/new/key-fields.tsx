"use client";

import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { ChoiceBox } from "@/app/_components/forms/choice-box";
import { ChoiceGroup, useChosen } from "@/app/_components/forms/choice-group";
import { EXPIRY_DAYS, EXPIRY_DAYS_DEFAULT } from "@/lib/api-keys/expiry-choices";
import { SCOPES } from "@/lib/auth/scopes";
import { KEY_REQUESTS_PER_MINUTE } from "@/lib/limits/numbers";
import classes from "./create-key.module.css";

type ErrorOf = (field: string) => string | undefined;

export function NameAndExpiry({ errorOf }: { readonly errorOf: ErrorOf }) {
  const t = useTranslations("key");
  const expiries = EXPIRY_DAYS.map((days) => ({
    value: String(days),
    label: days === 0 ? t("never") : t("days", { n: days }),
  }));
  return (
    <>
      <TextInput
        label={t("name")}
        description={t("nameHelp")}
        name="name"
        maxLength={128}
        error={errorOf("name")}
      />
      <NativeSelect
        label={t("expiry")}
        description={t("expiryHelp")}
        name="expiryDays"
        defaultValue={String(EXPIRY_DAYS_DEFAULT)}
        data={expiries}
      />
    </>
  );
}

/** Selects scopes. */
export function ScopeCards({ error }: { readonly error: string | undefined }) {
  const t = useTranslations("key");
  const [chosen, toggle] = useChosen();
  return (
    <ChoiceGroup
      legend={t("scopes")}
      help={t("scopesHelp")}
      name="scopes"
      value={chosen.join(",")}
      error={error}
    >
      <div className={classes.cards}>
        {SCOPES.map((scope) => (
          <ChoiceBox
            key={scope}
            type="checkbox"
            isCard
            label={t(`scope.${scope}.title` as never)}
            help={t(`scope.${scope}.help` as never)}
            checked={chosen.includes(scope)}
            onChange={() => toggle(scope)}
          />
        ))}
      </div>
    </ChoiceGroup>
  );
}

/** Limits that most keys leave at their defaults. */
export function Limits({ errorOf }: { readonly errorOf: ErrorOf }) {
  const t = useTranslations("key");
  return (
    <>
      <Textarea
        label={t("networks")}
        description={t("networksHelp")}
        name="networks"
        rows={2}
        spellCheck={false}
        error={errorOf("networks")}
      />
      <Textarea
        label={t("prefixes")}
        description={t("prefixesHelp")}
        name="pathPrefixes"
        rows={2}
        spellCheck={false}
        error={errorOf("pathPrefixes")}
      />
      <TextInput
        label={t("rate")}
        description={t("rateHelp")}
        name="requestsPerMinute"
        defaultValue={String(KEY_REQUESTS_PER_MINUTE.default)}
        inputMode="numeric"
        error={errorOf("requestsPerMinute")}
      />
      <TextInput
        label={t("share")}
        description={t("shareHelp")}
        name="monthlyShare"
        inputMode="numeric"
        error={errorOf("monthlyShare")}
      />
    </>
  );
}
