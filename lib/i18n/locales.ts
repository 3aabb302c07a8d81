/** The languages of the console. The first is what a browser gets that asks for neither. */
export const LOCALES = ["en", "zh-CN"] as const;

export type Locale = (typeof LOCALES)[number];

export const LOCALE_COOKIE = "dingkeep.locale";

const isLocale = (text: string): text is Locale => (LOCALES as readonly string[]).includes(text);

/**
 * The switch's choice if there is one, else the first language of the browser's list that we speak, in
 * the order of its weights. Any Chinese is Simplified Chinese here.
 */
export function chooseLocale(cookie: string | undefined, acceptLanguage: string | null): Locale {
  if (cookie !== undefined && isLocale(cookie)) return cookie;
  const wanted = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
      const weight = Number(
        parameters
          .find((parameter) => parameter.trim().startsWith("q="))
          ?.trim()
          .slice(2) ?? 1,
      );
      return { tag, weight: Number.isFinite(weight) ? weight : 0 };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of wanted) {
    if (/^zh\b/.test(tag)) return "zh-CN";
    if (/^en\b/.test(tag)) return "en";
  }
  return LOCALES[0];
}
