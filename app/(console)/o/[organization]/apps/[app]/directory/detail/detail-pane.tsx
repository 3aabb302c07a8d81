"use client";

import { Button, Drawer } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { KeyboardEvent, ReactNode } from "react";
import classes from "../directory.module.css";

type Props = {
  readonly isWide: boolean;
  /** State of the drawer on narrow screens. */
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** F6 returns to the tree. */
  readonly onToTree: () => void;
  /** `null` without a selection. */
  readonly children: ReactNode;
};

/** Shows the details beside the tree, or as a full-screen drawer on narrow screens. */
export function DetailPane({ isWide, isOpen, onClose, onToTree, children }: Props) {
  const t = useTranslations("directory");
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "F6") return;
    event.preventDefault();
    if (isWide) onToTree();
    else onClose();
  };
  if (isWide) {
    return (
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- F6 works from anywhere inside
      <section
        className={`${classes.pane} ${classes.detail}`}
        aria-label={t("detailPane")}
        onKeyDown={onKeyDown}
      >
        {children ?? <p className={classes.dimmed}>{t("selectHint")}</p>}
      </section>
    );
  }
  return (
    <Drawer.Root opened={isOpen} onClose={onClose} position="right" size="100%">
      {/* Capture phase, because Mantine overrides `onKeyDown` on its dialogs. */}
      <Drawer.Content aria-label={t("detailPane")} onKeyDownCapture={onKeyDown}>
        <Drawer.Body className={classes.drawer}>
          <Button
            variant="subtle"
            className={classes.back}
            leftSection={<IconArrowLeft size={16} aria-hidden />}
            onClick={onClose}
          >
            {t("back")}
          </Button>
          {children}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
