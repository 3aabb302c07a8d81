/** Equals the column's default in the database. */
export const DEFAULT_TIME_ZONE = "Asia/Shanghai";

const UTC = "UTC";

/** Adds UTC to Node's list, because some versions omit it. */
export const timeZones = (): readonly string[] => [...new Set([UTC, ...Intl.supportedValuesOf("timeZone")])];

/**
 * Returns Node's name of a zone, because browsers list different aliases. @returns `null` for unknown zones and
 * offsets
 */
export function canonicalTimeZone(name: string): string | null {
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return timeZones().includes(timeZone) ? timeZone : null;
  } catch {
    return null;
  }
}

type NameStyle = "long" | "longGeneric" | "longOffset";

const part = (locale: string, timeZone: string, timeZoneName: NameStyle) => {
  const format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName });
  return (at: Date) => format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
};

/** Parses `GMT+05:30`. */
function minutesOf(offset: string): number {
  const [, sign, hours, minutes = "0"] = /([+-])(\d+)(?::(\d+))?/.exec(offset) ?? [];
  return sign === undefined ? 0 : Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
}

function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? "-" : "+"}${hours}${rest > 0 ? `:${String(rest).padStart(2, "0")}` : ""}`;
}

const isName = (text: string) => text !== "" && !/^(?:GMT|UTC)(?:[+-]|$)/.test(text);

export type TimeZoneText = {
  /** `China Standard Time (UTC+8)`; `Central European Time (UTC+1/+2)` with daylight saving time. */
  readonly text: string;
  /** Smallest offset from UTC in a year, in minutes. */
  readonly offset: number;
};

/** By language, zone and year. `Intl` takes more than 1 ms, and every page shows a zone. */
const cache = new Map<string, TimeZoneText>();

/** Returns a zone's name with all its offsets from UTC in the year of `at`. */
export function describeTimeZone(locale: string, timeZone: string, at = new Date()): TimeZoneText {
  const key = `${locale} ${timeZone} ${at.getUTCFullYear()}`;
  const cached = cache.get(key);
  if (cached) return cached;
  const text = readTimeZone(locale, timeZone, at);
  cache.set(key, text);
  return text;
}

function readTimeZone(locale: string, timeZone: string, at: Date): TimeZoneText {
  const offsetAt = part("en", timeZone, "longOffset");
  const months = Array.from({ length: 12 }, (_, month) => new Date(Date.UTC(at.getUTCFullYear(), month, 15)));
  const offsets = [...new Set(months.map((month) => minutesOf(offsetAt(month))))].sort((a, b) => a - b);
  // With daylight saving time the long name says "summer" or "standard", but a page's times can be either.
  const styles: readonly NameStyle[] = offsets.length === 1 ? ["long", "longGeneric"] : ["longGeneric"];
  const name = styles.map((style) => part(locale, timeZone, style)(at)).find(isName) ?? timeZone;
  return { text: `${name} (UTC${offsets.map(offsetText).join("/")})`, offset: offsets[0] ?? 0 };
}

/** Returns a zone's name, its offset from UTC, and the IANA name, which contains a city. */
export function zoneLabel(locale: string, timeZone: string): string {
  return `${describeTimeZone(locale, timeZone).text} · ${timeZone.replaceAll("_", " ")}`;
}
