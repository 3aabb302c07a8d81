"use client";

import { useRouter } from "next/navigation";
import { LOCALE_COOKIE, type Locale } from "@/lib/i18n/locales";
import { setPreferenceCookie } from "./preference-cookies";

/** Each language by its own name, whatever the present one is. */
export const LANGUAGE_NAMES = { "zh-CN": "中文", en: "English" } as const;

/** What each appearance is called: a key under `common` in `messages/`. */
export const SCHEME_LABELS = { light: "schemeLight", dark: "schemeDark", auto: "schemeAuto" } as const;

/** Chooses a language for this browser; the page is rendered in it at once. */
export function useSetLanguage(): (chosen: Locale) => void {
  const router = useRouter();
  return (chosen) => {
    setPreferenceCookie(LOCALE_COOKIE, chosen);
    router.refresh();
  };
}
