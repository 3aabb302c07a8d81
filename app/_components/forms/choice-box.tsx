"use client";

import { type ReactNode, useId } from "react";
import classes from "./choice-box.module.css";

type Props = {
  readonly type: "checkbox" | "radio";
  readonly name?: string;
  readonly value?: string;
  readonly label: ReactNode;
  readonly help?: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  /** With a border. */
  readonly isCard?: boolean;
  readonly onChange: (isChecked: boolean) => void;
};

/** A native checkbox or radio with its label, for full keyboard, screen reader and forced-colors support. */
export function ChoiceBox({ label, help, isCard = false, onChange, ...input }: Props) {
  const id = useId();
  return (
    <div className={classes.box} data-card={isCard || undefined}>
      <input
        {...input}
        id={id}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {help && (
          <p id={`${id}-help`} className={classes.help}>
            {help}
          </p>
        )}
      </div>
    </div>
  );
}
