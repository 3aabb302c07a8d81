"use client";

import { Button, Textarea } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type FormEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { ConfirmationField } from "@/app/_components/forms/fields";
import { FormAlert, SubmitButton } from "@/app/_components/forms/submit-button";
import { useActionForm } from "@/app/_components/forms/use-action-form";
import { Card } from "@/app/_components/page/card";
import { decideRunAction } from "../../actions";
import type { ApplyRemovalsDialog } from "./apply-removals-dialog";
import classes from "./decision.module.css";

type Props = {
  readonly organization: string;
  readonly run: string;
  /** Planned removals. */
  readonly departments: number;
  readonly members: number;
};

/**
 * The decision about a held run, with the safe choice first. Applying removals opens a dialog, which is loaded on
 * hover or focus.
 */
export function DecideRunForm({ organization, run, departments, members }: Props) {
  const held = useTranslations("held");
  const [pressed, setPressed] = useState("");
  const [Dialog, setDialog] = useState<typeof ApplyRemovalsDialog | null>(null);
  const [reason, setReason] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const form = useActionForm(decideRunAction.bind(null, organization));
  const load = () => import("./apply-removals-dialog");
  const prepare = () => void load().catch(() => undefined);
  const open = () =>
    void load().then(
      (loaded) => {
        // Mounted closed first, so that opening it records the element that gets the focus back.
        flushSync(() => setDialog(() => loaded.ApplyRemovalsDialog));
        setReason(field.current?.value ?? "");
      },
      () => window.alert(held("notOpened")),
    );
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    const by = (event.nativeEvent as SubmitEvent).submitter;
    setPressed(by instanceof HTMLButtonElement ? by.value : "");
    form.onSubmit(event);
  };
  const isPending = (decision: string) => form.isPending && pressed === decision;
  return (
    <Card title={held("decide")}>
      <form ref={form.formRef} onSubmit={onSubmit} className={classes.form} noValidate>
        <FormAlert sentence={form.alert} onRetry={form.retry} />
        <input type="hidden" name="run" value={run} />
        <Textarea
          ref={field}
          name="reason"
          label={held("reason")}
          description={held("reasonHelp")}
          maxLength={500}
          autosize
          minRows={2}
          required
          withAsterisk={false}
          error={form.errorOf("reason")}
        />
        {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
        <div className={classes.choices}>
          <SubmitButton
            name="decision"
            value="without_removals"
            isPending={isPending("without_removals")}
            label={held("decision.without_removals")}
            pendingLabel={held("applying")}
          />
          <SubmitButton
            name="decision"
            value="rejected"
            variant="default"
            isPending={isPending("rejected")}
            label={held("decision.rejected")}
            pendingLabel={held("rejecting")}
          />
          <Button
            variant="subtle"
            color="red"
            className={classes.remove}
            onFocus={prepare}
            onPointerEnter={prepare}
            onClick={open}
          >
            {held("removeAndApply")}
          </Button>
        </div>
      </form>
      {Dialog !== null && (
        <Dialog
          organization={organization}
          run={run}
          departments={departments}
          members={members}
          reason={reason}
          onClose={() => setReason(null)}
        />
      )}
    </Card>
  );
}
