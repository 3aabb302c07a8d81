"use client";

import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useEffect, useId, useRef, useState } from "react";
import { ChoiceBox } from "@/app/_components/forms/choice-box";
import { EXPIRY_DAYS, EXPIRY_DAYS_DEFAULT } from "@/lib/api-keys/expiry-choices";
import { SCOPES } from "@/lib/auth/scopes";
import { KEY_REQUESTS_PER_MINUTE } from "@/lib/limits/numbers";
import classes from "./create-key.module.css";

type ErrorOf = (field: string) => string | undefined;

type ChoiceGroupProps = {
  readonly legend: string;
  readonly help: string;
  readonly name: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly children: React.ReactNode;
};

/** A group of checkboxes that is sent as one comma-separated field. */
function ChoiceGroup({ legend, help, name, value, error, children }: ChoiceGroupProps) {
  const id = useId();
  const sent = useRef<HTMLInputElement>(null);
  const lastValue = useRef(value);
  useEffect(() => {
    if (lastValue.current === value) return;
    lastValue.current = value;
    // Simulates an input event, so that the form revalidates the field.
    sent.current?.dispatchEvent(new Event("input", { bubbles: true }));
  }, [value]);
  return (
    <fieldset className={classes.choice} aria-describedby={`${id}-help`}>
      <legend>{legend}</legend>
      <p id={`${id}-help`} className={classes.help}>
        {help}
      </p>
      <input ref={sent} type="hidden" name={name} value={value} />
      {children}
      {error && (
        <p className={classes.error} role="alert" tabIndex={-1} data-form-alert data-field-error>
          {error}
        </p>
      )}
    </fieldset>
  );
}

/** Returns the chosen values and a function that toggles one. */
function useChosen(): readonly [readonly string[], (item: string) => void] {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const toggle = (item: string) =>
    setChosen((before) =>
      before.includes(item) ? before.filter((other) => other !== item) : [...before, item],
    );
  return [chosen, toggle];
}

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

type AppProps = {
  readonly apps: readonly { readonly id: string; readonly name: string }[];
  readonly error: string | undefined;
};

/** Selects all apps, including future ones, or some. */
export function AppChoice({ apps, error }: AppProps) {
  const t = useTranslations("key");
  const [which, setWhich] = useState<"all" | "some">("all");
  const [chosen, toggle] = useChosen();
  return (
    <ChoiceGroup
      legend={t("apps")}
      help={t("appsHelp")}
      name="apps"
      value={which === "all" ? "all" : chosen.join(",")}
      error={error}
    >
      <div className={classes.radios}>
        {(["all", "some"] as const).map((item) => (
          <ChoiceBox
            key={item}
            type="radio"
            name="which"
            value={item}
            label={t(item === "all" ? "allApps" : "someApps")}
            checked={which === item}
            disabled={item === "some" && apps.length === 0}
            onChange={() => setWhich(item)}
          />
        ))}
      </div>
      {which === "some" && (
        <div className={classes.names}>
          {apps.map(({ id, name }) => (
            <ChoiceBox
              key={id}
              type="checkbox"
              label={<bdi>{name}</bdi>}
              checked={chosen.includes(id)}
              onChange={() => toggle(id)}
            />
          ))}
        </div>
      )}
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
