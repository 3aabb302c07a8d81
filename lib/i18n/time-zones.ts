/** An organization's zone until it says otherwise; the database's default is the same. */
export const DEFAULT_TIME_ZONE = "Asia/Shanghai";

const UTC = "UTC";

/** The zones that can be chosen: all that this program's `Intl` knows, and UTC, which some leave out of their list. */
export const timeZones = (): readonly string[] => [...new Set([UTC, ...Intl.supportedValuesOf("timeZone")])];

/**
 * A zone by the name that this program's `Intl` has for it: browsers differ in which of two names of one place
 * they list (`Asia/Kolkata`, `Asia/Calcutta`).
 *
 * @returns `null` for what names no zone; also for a mere offset, since it has neither a name nor summer time
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

/** `GMT+05:30` as minutes; `GMT` alone is 0. */
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
  /** `China Standard Time (UTC+8)`; `Central European Time (UTC+1/+2)` where there is summer time. */
  readonly text: string;
  /** The smallest distance from UTC in that year, in minutes. */
  readonly offset: number;
};

/** By language, zone and year: asking `Intl` takes more than a millisecond, and every page names its zone. */
const described = new Map<string, TimeZoneText>();

/**
 * A zone as a person reads it, with each distance from UTC that it has in the year of `at`.
 *
 * @param at any time of the year that counts
 */
export function describeTimeZone(locale: string, timeZone: string, at = new Date()): TimeZoneText {
  const key = `${locale} ${timeZone} ${at.getUTCFullYear()}`;
  const known = described.get(key);
  if (known) return known;
  const text = readTimeZone(locale, timeZone, at);
  described.set(key, text);
  return text;
}

function readTimeZone(locale: string, timeZone: string, at: Date): TimeZoneText {
  const offsetAt = part("en", timeZone, "longOffset");
  const months = Array.from({ length: 12 }, (_, month) => new Date(Date.UTC(at.getUTCFullYear(), month, 15)));
  const offsets = [...new Set(months.map((month) => minutesOf(offsetAt(month))))].sort((a, b) => a - b);
  // The long name says "summer" or "standard" where there are both, and a page's times may be of either.
  const styles: readonly NameStyle[] = offsets.length === 1 ? ["long", "longGeneric"] : ["longGeneric"];
  const name = styles.map((style) => part(locale, timeZone, style)(at)).find(isName) ?? timeZone;
  return { text: `${name} (UTC${offsets.map(offsetText).join("/")})`, offset: offsets[0] ?? 0 };
}

/** What a zone is chosen by: its name, its distance from UTC, and the IANA name, which has a city in it. */
export function zoneLabel(locale: string, timeZone: string): string {
  return `${describeTimeZone(locale, timeZone).text} · ${timeZone.replaceAll("_", " ")}`;
}
