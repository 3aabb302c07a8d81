import { ClientDateTime } from "./client-date-time";

type Props = {
  readonly at: Date;
  /** Overrides the page's time zone. */
  readonly timeZone?: string;
  /** Always shows date and time, for lists whose rows are compared. */
  readonly isAbsolute?: boolean;
};

/**
 * A date and time: relative within a day, with the full form in a tooltip. The server's clock is passed to the
 * browser so that both render the same text.
 */
export function DateTime({ at, timeZone, isAbsolute }: Props) {
  return (
    <ClientDateTime
      at={at.toISOString()}
      // Server components render once.
      // oxlint-disable-next-line react/purity
      renderedAt={isAbsolute ? undefined : Date.now()}
      timeZone={timeZone}
    />
  );
}
