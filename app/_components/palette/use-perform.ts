"use client";

import { useMantineColorScheme } from "@mantine/core";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { announce } from "../feedback/announce";
import { focusOnNextPage, focusPage } from "../navigation/route-focus";
import { useChooseLanguage } from "../preferences/preferences";
import { signOutHere } from "../session/sign-out";
import type { PaletteEntry } from "./entry";

/** Does what an entry is for. A page is opened by the entry's own link; here is what goes with it. */
export function usePerform(): (does: PaletteEntry["does"]) => void {
  const t = useTranslations("error");
  const path = usePathname();
  const chooseLanguage = useChooseLanguage();
  const { setColorScheme } = useMantineColorScheme();
  return (does) => {
    if (does.is === "language") chooseLanguage(does.locale);
    if (does.is === "scheme") setColorScheme(does.scheme);
    if (does.is === "signOut") signOutHere().catch(() => announce(t("network")));
    if (does.is !== "open") return;
    if (does.button) focusOnNextPage(does.button);
    // The page is there already, so no new one will take the focus.
    if (does.href === path) requestAnimationFrame(focusPage);
  };
}
