import { ClientDateTime } from "./client-date-time";

type Props = {
  readonly at: Date;
  /** Only where another zone counts than the page's, which `TimeZoneProvider` has named. */
  readonly timeZone?: string;
  /** Always the full form, for lists whose rows are compared. */
  readonly isAbsolute?: boolean;
};

/**
 * A point in time: within a day how far off it is, with the full form in a tooltip; else the full form. The
 * server says what time it is now, so that the browser's first text is the same.
 */
export function DateTime({ at, timeZone, isAbsolute }: Props) {
  return (
    <ClientDateTime
      at={at.toISOString()}
      // The server renders this once; no browser does.
      // oxlint-disable-next-line react/purity
      renderedAt={isAbsolute ? undefined : Date.now()}
      timeZone={timeZone}
    />
  );
}
