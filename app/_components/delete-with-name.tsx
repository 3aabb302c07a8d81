"use client";

import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslations } from "next-intl";
import classes from "../(console)/form.module.css";
import { ConfirmationField, FormAlert, SubmitButton } from "./form-parts";
import type { useActionForm } from "./use-action-form";

type Props = {
  readonly form: ReturnType<typeof useActionForm<unknown>>;
  /** What has to be typed: the name as it is shown. */
  readonly name: string;
  readonly label: string;
  readonly title: string;
  readonly help: string;
  /** Sent along, such as the id of what is deleted. */
  readonly hidden?: Readonly<Record<string, string>>;
};

/** The typed confirmation: the shown name, and the password when it was given too long ago. */
export function DeleteWithName({ form, name, label, title, help, hidden }: Props) {
  const t = useTranslations("settings");
  const common = useTranslations("common");
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="outline" color="red" onClick={open} style={{ alignSelf: "flex-start" }}>
        {label}
      </Button>
      <Modal.Root opened={isOpen} onClose={close} centered>
        <Modal.Overlay />
        <Modal.Content>
          <Modal.Body pt="md">
            <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
              <Modal.Title>{title}</Modal.Title>
              <p style={{ margin: 0 }}>
                {help} {t("deleteFinal")}
              </p>
              {!form.errorOf("typed") && <FormAlert sentence={form.alert} />}
              {Object.entries(hidden ?? {}).map(([key, value]) => (
                <input key={key} type="hidden" name={key} value={value} />
              ))}
              <TextInput
                label={t("deleteType", { name })}
                name="typed"
                autoComplete="off"
                data-autofocus
                error={form.errorOf("typed") && t("typedWrong", { name })}
              />
              {form.needsPassword && <ConfirmationField />}
              <Group justify="space-between" w="100%">
                <Button variant="default" onClick={close}>
                  {common("cancel")}
                </Button>
                <SubmitButton
                  color="red"
                  isPending={form.isPending}
                  label={label}
                  pendingLabel={t("deleting")}
                />
              </Group>
            </form>
          </Modal.Body>
        </Modal.Content>
      </Modal.Root>
    </>
  );
}
