"use client";

import { UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import classes from "./search-field.module.css";

type Props = { readonly onOpen: () => void; readonly isApple: boolean };

/** Looks like a field and opens the palette, in which one types. */
export function SearchField({ onOpen, isApple }: Props) {
  const t = useTranslations("nav");
  return (
    <UnstyledButton
      className={classes.field}
      onClick={onOpen}
      aria-haspopup="dialog"
      aria-keyshortcuts={isApple ? "Meta+K" : "Control+K"}
    >
      <IconSearch size={16} aria-hidden />
      <span className={classes.text}>{t("search")}</span>
      <kbd className={classes.keys} aria-hidden>
        {isApple ? "⌘K" : "Ctrl K"}
      </kbd>
    </UnstyledButton>
  );
}
