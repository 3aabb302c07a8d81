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
import classes from "./dialogs.module.css";
import { ConfirmationField } from "./fields";
import { FormAlert, SubmitButton } from "./submit-button";
import { useActionForm } from "./use-action-form";

/** Isolates a name's writing direction from the sentence around it. */
const isolated = (name: string) => `\u2068${name}\u2069`;

type Deleted = { readonly name: string };

export type Deletion = {
  readonly action: (previous: ActionState<Deleted>, form: FormData) => Promise<ActionState<Deleted>>;
  /**
   * The page to load afterwards, with a full navigation so that no state of the deleted thing stays in the browser.
   */
  readonly next: string;
  /** The displayed name, which has to be typed. */
  readonly name: string;
  readonly label: string;
  readonly contents: Contents;
  /** Deletes an app, not the organization. */
  readonly isApp: boolean;
  /** Further form fields, such as the id. */
  readonly hidden?: Readonly<Record<string, string>>;
};

type Props = Deletion & { readonly isOpen: boolean; readonly onClose: () => void };

/** Lists what is deleted, and asks for the name. */
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

function DeletedContents({ contents, isApp }: Pick<Deletion, "contents" | "isApp">) {
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
  const form = useActionForm(action, leave, { check, ignoresUnsaved: true });
  const nameElement = () => <DisplayName name={name} nameless={name} />;
  return (
    <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
      <Modal.Title className={classes.title}>{t.rich("deleteTitle", { name: nameElement })}</Modal.Title>
      <DeletedContents contents={contents} isApp={isApp} />
      <FormAlert sentence={form.alert} onRetry={form.retry} />
      {Object.entries(hidden ?? {}).map(([key, value]) => (
        <input key={key} type="hidden" name={key} value={value} />
      ))}
      <TextInput
        label={t.rich("deleteType", { name: nameElement })}
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
