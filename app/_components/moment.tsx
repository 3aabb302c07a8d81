import { getFormatter, getLocale } from "next-intl/server";

const DAY_MS = 24 * 60 * 60 * 1_000;

type Props = {
  readonly at: Date;
  /** The organization's IANA zone. */
  readonly timeZone: string;
  /** Always the full form, for lists whose rows are compared. */
  readonly isAbsolute?: boolean;
};

/** `2026-11-24 17:05:09` or `24 Nov 2026, 17:05:09`, in the organization's zone. */
function absolute(at: Date, timeZone: string, locale: string): string {
  if (locale === "zh-CN")
    return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone }).format(at);
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone }).format(at);
}

/** A point in time: relative within a day, else absolute; the other form is in the title. */
export async function Moment({ at, timeZone, isAbsolute = false }: Props) {
  const format = await getFormatter();
  const full = absolute(at, timeZone, await getLocale());
  // The server renders this once; no browser does.
  // oxlint-disable-next-line react/purity
  const now = new Date();
  const isNear = Math.abs(now.getTime() - at.getTime()) < DAY_MS;
  return (
    <time dateTime={at.toISOString()} title={full} style={{ fontVariantNumeric: "tabular-nums" }}>
      {isNear && !isAbsolute ? format.relativeTime(at, now) : full}
    </time>
  );
}
