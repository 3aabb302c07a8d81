"use client";

import { useRouter } from "next/navigation";
import { LOCALE_COOKIE, type Locale } from "@/lib/i18n/locales";
import { setPreferenceCookie } from "./preference-cookies";

/** Each language's name in that language. */
export const LANGUAGE_NAMES = { "zh-CN": "中文", en: "English" } as const;

/** Keys under `common` in `messages/`. */
export const SCHEME_LABELS = { light: "schemeLight", dark: "schemeDark", auto: "schemeAuto" } as const;

/** Returns a function that sets this browser's language and renders the page in it. */
export function useSetLanguage(): (chosen: Locale) => void {
  const router = useRouter();
  return (chosen) => {
    setPreferenceCookie(LOCALE_COOKIE, chosen);
    router.refresh();
  };
}
