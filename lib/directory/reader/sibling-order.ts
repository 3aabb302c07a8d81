import "server-only";
import type { Locale } from "@/lib/i18n/locales";

/** ICU's collations, which PostgreSQL has beside the database's own. Constants: nothing typed reaches the SQL. */
const COLLATIONS = { "zh-CN": "zh-Hans-x-icu", en: "en-x-icu" } as const satisfies Record<Locale, string>;

/** @param locale one that we don't speak is taken for English */
export const nameCollation = (locale: string): string =>
  locale === "zh-CN" ? COLLATIONS[locale] : COLLATIONS.en;

/**
 * How siblings stand: by DingTalk's `order`, where the smaller comes first, and those without one after them by
 * name, in the order of the language (Chinese by pinyin). The id last, so that no two runs differ.
 */
export const siblingOrder = (locale: string): string =>
  `"order" NULLS LAST, name COLLATE "${nameCollation(locale)}", department_id`;
