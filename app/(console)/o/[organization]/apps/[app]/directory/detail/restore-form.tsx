"use client";

import { useState } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { ChoiceBox } from "@/app/_components/forms/choice-box";
import { ConfirmationField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import type { ActionState } from "@/lib/action-state";
import classes from "./detail.module.css";
import type { RestoreContext } from "./panel-props";

type Props<Data> = {
  readonly action: (
    organization: string,
    previous: ActionState<Data>,
    form: FormData,
  ) => Promise<ActionState<Data>>;
  readonly restore: Pick<RestoreContext, "organization" | "app">;
  readonly object: "department" | "member";
  readonly id: string;
  /** Label of the option to include everything below; `null` when nothing is below. */
  readonly withBelow: string | null;
  readonly help: string;
  readonly label: string;
  readonly pendingLabel: string;
  /** Text to announce after success. */
  readonly doneText: (data: Data) => string;
  readonly onDone: () => void;
  readonly isQuiet?: boolean;
};

/** A form that restores or releases a department or member. */
export function RestoreForm<Data>({ restore, object, id, withBelow, ...props }: Props<Data>) {
  const [isWithBelow, setWithBelow] = useState(true);
  const { organization, app } = restore;
  const done = (data: Data) => {
    announce(props.doneText(data));
    props.onDone();
  };
  const form = useActionForm<Data>(props.action.bind(null, organization), done, { ignoresUnsaved: true });
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.decide} noValidate>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      {Object.entries({ app, object, id }).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {withBelow !== null && (
        <ChoiceBox
          type="checkbox"
          name="withBelow"
          label={withBelow}
          checked={isWithBelow}
          onChange={setWithBelow}
        />
      )}
      <p className={classes.note}>{props.help}</p>
      {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
      <SubmitButton
        {...(props.isQuiet && { variant: "default", size: "xs" })}
        isPending={form.isPending}
        label={props.label}
        pendingLabel={props.pendingLabel}
      />
    </form>
  );
}
