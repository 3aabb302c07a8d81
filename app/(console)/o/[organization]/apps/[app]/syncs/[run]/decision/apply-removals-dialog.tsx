"use client";

import { Button, Modal, Textarea, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import dialog from "@/app/_components/forms/dialogs.module.css";
import { ConfirmationField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { type FormCheck, textIn } from "@/lib/actions/field-errors";
import { toTypedNumber } from "@/lib/typed-number";
import { decideRunAction } from "../../actions";

type Props = {
  readonly organization: string;
  readonly run: string;
  readonly departments: number;
  readonly members: number;
  /** The reason typed so far; `null` while the dialog is closed. */
  readonly reason: string | null;
  readonly onClose: () => void;
};

/** Confirms removals by asking for their number. */
export function ApplyRemovalsDialog({ reason, onClose, ...props }: Props) {
  return (
    <Modal.Root opened={reason !== null} onClose={onClose} centered>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          {/* Mounted until the dialog has closed, so that the focused element isn't removed before the focus returns. */}
          <RemoveForm {...props} reason={reason} onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function RemoveForm({ organization, run, departments, members, reason, onClose }: Props) {
  const t = useTranslations("sync");
  const held = useTranslations("held");
  const common = useTranslations("common");
  const removals = departments + members;
  const removed = [
    departments > 0 && t("departmentCount", { n: departments }),
    members > 0 && t("memberCount", { n: members }),
  ].filter((part) => part !== false);
  const [check] = useState(
    (): FormCheck => async (form) => {
      const isRight = toTypedNumber(textIn(form, "typed")) === removals;
      return isRight ? {} : { typed: { key: "held.notTheNumber", values: { n: removals } } };
    },
  );
  const form = useActionForm(decideRunAction.bind(null, organization), onClose, {
    check,
    ignoresUnsaved: true,
  });
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={dialog.form} noValidate>
      <Modal.Title className={dialog.title}>{held("removeTitle")}</Modal.Title>
      <p>{held("removes", { what: removed.join(t("and")) })}</p>
      <p>{held("removesHelp")}</p>
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      <input type="hidden" name="run" value={run} />
      <input type="hidden" name="decision" value="all" />
      <Textarea
        name="reason"
        label={held("reason")}
        defaultValue={reason ?? ""}
        maxLength={500}
        autosize
        minRows={2}
        required
        withAsterisk={false}
        error={form.errorOf("reason")}
      />
      <TextInput
        label={held("typeNumber", { n: removals })}
        name="typed"
        inputMode="numeric"
        autoComplete="off"
        data-autofocus
        error={form.errorOf("typed")}
      />
      {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
      <div className={dialog.choices}>
        <Button variant="default" onClick={onClose}>
          {common("cancel")}
        </Button>
        <SubmitButton
          color="red"
          isPending={form.isPending || form.state.status === "done"}
          label={held("decision.all")}
          pendingLabel={held("applying")}
        />
      </div>
    </form>
  );
}
