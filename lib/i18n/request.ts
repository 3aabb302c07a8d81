import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { chooseLocale, LOCALE_COOKIE } from "./locales";
import { DEFAULT_TIME_ZONE } from "./time-zones";

/** Addresses contain no locale, so that a link opens in each reader's language. */
export default getRequestConfig(async () => {
  const locale = chooseLocale(
    (await cookies()).get(LOCALE_COOKIE)?.value,
    (await headers()).get("accept-language"),
  );
  const { default: messages } = (await import(`../../messages/${locale}.json`)) as {
    default: Record<string, string>;
  };
  return { locale, messages, timeZone: DEFAULT_TIME_ZONE };
});
