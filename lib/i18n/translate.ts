import { createTranslator } from "next-intl";
import type messages from "../../messages/en.json";
import type { Locale } from "./locales";

/**
 * Sentences in a language that the caller names, for what is no page: the machine API reads no cookie.
 *
 * @param namespace the part of `messages/` that they stand in
 */
export async function translate<const Namespace extends keyof typeof messages>(
  locale: Locale,
  namespace: Namespace,
) {
  const { default: sentences } = (await import(`../../messages/${locale}.json`)) as {
    default: typeof messages;
  };
  return createTranslator({ locale, messages: sentences, namespace });
}
