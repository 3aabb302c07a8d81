import "server-only";
import type { Locale } from "@/lib/i18n/locales";

/** ICU's collations, which PostgreSQL has beside the database's own. Constants: nothing typed reaches the SQL. */
const COLLATIONS = { "zh-CN": "zh-Hans-x-icu", en: "en-x-icu" } as const satisfies Record<Locale, string>;

/**
 * How siblings stand: by DingTalk's `order`, where the smaller comes first, and those without one after them by
 * name, in the order of the language (Chinese by pinyin). The id last, so that no two runs differ.
 *
 * @param locale one that we don't speak is taken for English
 */
export function siblingOrder(locale: string): string {
  const collation = locale === "zh-CN" ? COLLATIONS[locale] : COLLATIONS.en;
  return `"order" NULLS LAST, name COLLATE "${collation}", department_id`;
}
