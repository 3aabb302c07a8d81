"use client";

import { UnstyledButton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { announce } from "../feedback/announce";
import type { ConsoleOrganization, ConsoleUser } from "../shell/frame-types";
import classes from "./palette-button.module.css";

type Props = { readonly onOpen: () => void; readonly isApple: boolean };

/** Looks like a search field and opens the palette. */
export function PaletteButton({ onOpen, isApple }: Props) {
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

type Loaded = typeof import("./palette");

type Opened = {
  readonly open: () => void;
  /** The palette, once loaded. */
  readonly element: ReactNode;
};

/** Opens the palette by button or mod+K, also from text fields. The palette's code is loaded on first use. */
export function usePalette(organization: ConsoleOrganization | undefined, user: ConsoleUser): Opened {
  const t = useTranslations("error");
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const open = () => {
    if (loaded) {
      loaded.openPalette();
      return;
    }
    import("./palette").then(setLoaded, () => announce(t("network")));
  };
  useHotkeys([["mod+K", open]], []);
  return { open, element: loaded && <loaded.Palette organization={organization} user={user} /> };
}
