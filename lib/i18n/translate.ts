import { createTranslator } from "next-intl";
import type messages from "../../messages/en.json";
import type { Locale } from "./locales";

/** Returns a translator for code outside pages. @param namespace top-level key in `messages/` */
export async function translate<const Namespace extends keyof typeof messages>(
  locale: Locale,
  namespace: Namespace,
) {
  const { default: sentences } = (await import(`../../messages/${locale}.json`)) as {
    default: typeof messages;
  };
  return createTranslator({ locale, messages: sentences, namespace });
}
