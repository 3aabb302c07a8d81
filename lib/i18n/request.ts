import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { chooseLocale, LOCALE_COOKIE } from "./locales";
import { DEFAULT_TIME_ZONE } from "./time-zones";

/** The language of a request: no locale stands in an address, so that an address can be sent to a colleague. */
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
