"use client";

import { Button, Group, Modal } from "@mantine/core";
import { useTranslations } from "next-intl";
import classes from "./dialogs.module.css";

type Props = {
  readonly isOpen: boolean;
  readonly onStay: () => void;
  readonly onLeave: () => void;
};

export function LeaveDialog({ isOpen, onStay, onLeave }: Props) {
  const t = useTranslations("common");
  return (
    <Modal.Root opened={isOpen} onClose={onStay} centered>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md" className={classes.leave}>
          <Modal.Title>{t("leaveUnsaved")}</Modal.Title>
          <p>{t("leaveHelp")}</p>
          <Group justify="space-between" wrap="nowrap" grow>
            <Button variant="default" onClick={onLeave}>
              {t("leave")}
            </Button>
            <Button onClick={onStay} data-autofocus>
              {t("stay")}
            </Button>
          </Group>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
