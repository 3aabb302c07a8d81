"use client";

import { Button, Drawer } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { KeyboardEvent, ReactNode } from "react";
import classes from "../directory.module.css";

type Props = {
  readonly isWide: boolean;
  /** On a screen that isn't wide. */
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** F6 leads back to the tree. */
  readonly onToTree: () => void;
  /** `null` while nothing is selected. */
  readonly children: ReactNode;
};

/** Where the detail stands: beside the tree, or before it as a drawer of the whole screen. */
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
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- F6 works from wherever the focus is in it
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
      {/* Captured: Mantine keeps an `onKeyDown` of its dialogs to itself. */}
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
