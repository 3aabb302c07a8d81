"use client";

import { type ReactNode, useId } from "react";
import classes from "./choice-box.module.css";

type Props = {
  readonly type: "checkbox" | "radio";
  /** Of a group of radios; boxes that are sent with their form. */
  readonly name?: string;
  readonly value?: string;
  readonly label: ReactNode;
  /** One sentence below the label. */
  readonly help?: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  /** On a surface of its own. */
  readonly isCard?: boolean;
  readonly onChange: (isChecked: boolean) => void;
};

/** The browser's own box with its label: known to every keyboard, screen reader and forced-colour scheme. */
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
