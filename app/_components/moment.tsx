import { getFormatter, getLocale } from "next-intl/server";
import { momentText } from "./moment-text";

const DAY_MS = 24 * 60 * 60 * 1_000;

type Props = {
  readonly at: Date;
  /** The organization's IANA zone. */
  readonly timeZone: string;
  /** Always the full form, for lists whose rows are compared. */
  readonly isAbsolute?: boolean;
};

/** A point in time: relative within a day, else absolute; the other form is in the title. */
export async function Moment({ at, timeZone, isAbsolute = false }: Props) {
  const format = await getFormatter();
  const full = momentText(at.toISOString(), await getLocale(), timeZone);
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
