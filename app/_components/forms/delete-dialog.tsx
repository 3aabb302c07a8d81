"use client";

import { Button, Modal, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { useState } from "react";
import type { ActionState } from "@/lib/action-state";
import { type FormCheck, textIn } from "@/lib/actions/field-errors";
import type { Contents } from "@/lib/dingtalk-apps/count-contents";
import { isTypedName } from "@/lib/typed-name";
import { showToastAfterLoad } from "../feedback/toast";
import { DisplayName } from "../text/display-name";
import classes from "./delete-dialog.module.css";
import { ConfirmationField, FormAlert, SubmitButton } from "./form-parts";
import { useActionForm } from "./use-action-form";

/** A name inside a sentence, which turns nothing around it: U+2068, U+2069. */
const isolated = (name: string) => `\u2068${name}\u2069`;

type Deleted = { readonly name: string };

export type Deletion = {
  readonly action: (previous: ActionState<Deleted>, form: FormData) => Promise<ActionState<Deleted>>;
  /** The page that says so afterwards; the browser loads it whole, for it must remember nothing of what is gone. */
  readonly next: string;
  /** What has to be typed: the name as it is shown. */
  readonly name: string;
  readonly label: string;
  readonly contents: Contents;
  /** It is one of the organization's apps, and not all of it. */
  readonly isApp: boolean;
  /** Sent along, such as the id of what is deleted. */
  readonly hidden?: Readonly<Record<string, string>>;
};

type Props = Deletion & { readonly isOpen: boolean; readonly onClose: () => void };

/** Says what goes, and has the name typed. */
export function DeleteDialog({ isOpen, onClose, ...deletion }: Props) {
  return (
    <Modal.Root opened={isOpen} onClose={onClose} centered>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          <DeleteForm {...deletion} onCancel={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Gone({ contents, isApp }: Pick<Deletion, "contents" | "isApp">) {
  const t = useTranslations("settings");
  const { apps, departments, runs, isSyncing } = contents;
  return (
    <>
      <p>{t("deleteGoes")}</p>
      <ul>
        <li>{isApp ? t("goes.app") : t("goes.apps", { n: apps })}</li>
        <li>{t("goes.departments", { n: departments })}</li>
        <li>{t("goes.runs", { n: runs })}</li>
        {!isApp && <li>{t("goes.access")}</li>}
      </ul>
      {isSyncing && <p>{t("deleteSyncing")}</p>}
      <p className={classes.final}>{t("deleteFinal")}</p>
    </>
  );
}

/** The typed confirmation: the shown name, and the password when it was given too long ago. */
function DeleteForm(props: Deletion & { readonly onCancel: () => void }) {
  const { action, next, onCancel, name, label, contents, isApp, hidden } = props;
  const t = useTranslations("settings");
  const common = useTranslations("common");
  const [check] = useState(
    (): FormCheck => async (form) => {
      const isRight = isTypedName(textIn(form, "typed"), name);
      return isRight ? {} : { typed: { key: "settings.notTheName" } };
    },
  );
  const leave = (deleted: Deleted) => {
    showToastAfterLoad(t("deleted", { name: isolated(deleted.name) }));
    location.assign(next);
  };
  const form = useActionForm(action, leave, { check, isLeftFreely: true });
  const shown = () => <DisplayName name={name} nameless={name} />;
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <Modal.Title className={classes.title}>{t.rich("deleteTitle", { name: shown })}</Modal.Title>
      <Gone contents={contents} isApp={isApp} />
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      {Object.entries(hidden ?? {}).map(([key, value]) => (
        <input key={key} type="hidden" name={key} value={value} />
      ))}
      <TextInput
        label={t.rich("deleteType", { name: shown })}
        name="typed"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        error={form.errorOf("typed")}
      />
      {form.needsPassword && <ConfirmationField error={form.errorOf("confirmation")} />}
      <div className={classes.choices}>
        <Button variant="default" onClick={onCancel}>
          {common("cancel")}
        </Button>
        <SubmitButton
          color="red"
          isPending={form.isPending || form.state.status === "done"}
          label={label}
          pendingLabel={t("deleting")}
        />
      </div>
    </form>
  );
}
