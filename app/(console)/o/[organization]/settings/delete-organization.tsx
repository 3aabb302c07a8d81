"use client";

import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslations } from "next-intl";
import { ConfirmationField, FormAlert, SubmitButton } from "../../../../_components/form-parts";
import { useActionForm } from "../../../../_components/use-action-form";
import classes from "../../../form.module.css";
import { deleteOrganizationAction } from "./actions";

type Props = { readonly organization: string; readonly name: string };

/** The typed confirmation: the shown name, and the password when it was given too long ago. */
export function DeleteOrganization({ organization, name }: Props) {
  const t = useTranslations("settings");
  const common = useTranslations("common");
  const [isOpen, { open, close }] = useDisclosure();
  const form = useActionForm(deleteOrganizationAction.bind(null, organization), () => location.assign("/"));
  return (
    <>
      <Button variant="outline" color="red" onClick={open} style={{ alignSelf: "flex-start" }}>
        {t("delete")}
      </Button>
      <Modal opened={isOpen} onClose={close} title={t("deleteTitle", { name })} centered>
        <form ref={form.formRef} onSubmit={form.onSubmit} className={classes.form} noValidate>
          <p style={{ margin: 0 }}>
            {t("dangerHelp")} {t("deleteFinal")}.
          </p>
          {!form.errorOf("typed") && <FormAlert sentence={form.alert} />}
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
              label={t("delete")}
              pendingLabel={t("deleting")}
            />
          </Group>
        </form>
      </Modal>
    </>
  );
}
