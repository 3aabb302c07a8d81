import "server-only";

import type { Locale } from "@/lib/i18n/locales";

/** ICU collations, which PostgreSQL ships beside the database's own. Constants, so that no input reaches the SQL. */
const COLLATIONS = { "zh-CN": "zh-Hans-x-icu", en: "en-x-icu" } as const satisfies Record<Locale, string>;

export const nameCollation = (locale: string): string =>
  locale === "zh-CN" ? COLLATIONS[locale] : COLLATIONS.en;

/** Orders siblings by DingTalk's `order`, then by name in the locale's order (Chinese by pinyin), then by id. */
export const siblingOrder = (locale: string): string =>
  `"order" NULLS LAST, name COLLATE "${nameCollation(locale)}", department_id`;
