"use client";

import { useTranslations } from "next-intl";
import { useEffect, useId, useRef, useState } from "react";
import { ChoiceBox } from "./choice-box";
import classes from "./choice-group.module.css";

type ChoiceGroupProps = {
  readonly legend: string;
  readonly help: string;
  readonly name: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly children: React.ReactNode;
};

/** A group of checkboxes that is sent as one comma-separated field. */
export function ChoiceGroup({ legend, help, name, value, error, children }: ChoiceGroupProps) {
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
export function useChosen(
  initial: readonly string[] = [],
): readonly [readonly string[], (item: string) => void] {
  const [chosen, setChosen] = useState<readonly string[]>(initial);
  const toggle = (item: string) =>
    setChosen((before) =>
      before.includes(item) ? before.filter((other) => other !== item) : [...before, item],
    );
  return [chosen, toggle];
}

type AppChoiceProps = {
  readonly legend: string;
  readonly help: string;
  /** `null` for all apps. */
  readonly initial?: readonly string[] | null;
  readonly apps: readonly { readonly id: string; readonly name: string }[];
  readonly error: string | undefined;
};

/** Selects all apps, including future ones, or some. */
export function AppChoice({ legend, help, apps, error, initial = null }: AppChoiceProps) {
  const t = useTranslations("common");
  const [which, setWhich] = useState<"all" | "some">(initial === null ? "all" : "some");
  const [chosen, toggle] = useChosen(initial ?? []);
  return (
    <ChoiceGroup
      legend={legend}
      help={help}
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
