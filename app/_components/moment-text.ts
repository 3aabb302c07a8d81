/** `2026-11-24 17:05:09` or `24 Nov 2026, 17:05:09`: the same on the server and in every browser. */
export function momentText(iso: string, locale: string, timeZone: string): string {
  const at = new Date(iso);
  if (locale === "zh-CN")
    return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone }).format(at);
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone }).format(at);
}

/** `China Standard Time (UTC+8)`; the zone's own id where the language has no name for it. */
export function zoneText(locale: string, timeZone: string): string {
  const part = (timeZoneName: "long" | "shortOffset") =>
    new Intl.DateTimeFormat(locale, { timeZone, timeZoneName })
      .formatToParts(0)
      .find(({ type }) => type === "timeZoneName")?.value ?? timeZone;
  return `${part("long")} (${part("shortOffset").replace("GMT", "UTC")})`;
}
