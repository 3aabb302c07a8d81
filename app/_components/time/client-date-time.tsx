"use client";

import { Tooltip } from "@mantine/core";
import { useFormatter, useLocale, useTranslations } from "next-intl";
import { useEffect, useSyncExternalStore } from "react";
import { formatDateTime } from "./format-date-time";
import { formatSpan } from "./format-duration";
import classes from "./time.module.css";
import { useTimeZone } from "./time-zone";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** By the keyboard and by a finger too: what it says stands nowhere else. */
const EVENTS = { hover: true, focus: true, touch: true };

type Props = {
  /** ISO 8601. */
  readonly at: string;
  /** The server's time when it wrote the page, in milliseconds; without it the full form is always shown. */
  readonly renderedAt?: number | undefined;
  readonly timeZone?: string | undefined;
};

type NearProps = {
  readonly at: string;
  readonly full: string;
  /** The zone's name, or the zone itself where it isn't the page's. */
  readonly zone: string;
  readonly renderedAt: number;
};

/** `5 min ago`, and a while later `6 min ago`; what has become a day old turns into the full form. */
function Near({ at, full, zone, renderedAt }: NearProps) {
  const t = useTranslations("time");
  const format = useFormatter();
  const distance = Date.parse(at) - useServerClock(renderedAt);
  if (Math.abs(distance) >= DAY_MS) return <Full at={at} full={full} />;
  const duration = formatSpan(Math.abs(distance), format);
  return (
    <Tooltip label={t("full", { time: full, zone })} events={EVENTS}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- its tooltip has to be reached without a mouse */}
      <time dateTime={at} tabIndex={0} className={classes.near}>
        {distance > 0 ? t("in", { duration }) : t("ago", { duration })}
      </time>
    </Tooltip>
  );
}

const Full = ({ at, full }: Pick<NearProps, "at" | "full">) => (
  <time dateTime={at} className={classes.moment}>
    {full}
  </time>
);

/** A point in time in the zone of the page. Server components use `DateTime`. */
export function ClientDateTime({ at, renderedAt, timeZone }: Props) {
  const page = useTimeZone();
  const isPages = timeZone === undefined || timeZone === page.timeZone;
  const zone = isPages ? page : { timeZone, text: timeZone };
  const full = formatDateTime(at, useLocale(), zone.timeZone);
  if (renderedAt === undefined) return <Full at={at} full={full} />;
  return <Near at={at} full={full} zone={zone.text} renderedAt={renderedAt} />;
}

const TICK_MS = 10_000;

/** The time when the clock last ticked; 0 before it did. */
let now = 0;
/** How much the server is ahead of this browser, as far as any page has shown: what comes late shows less. */
let ahead = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now() + ahead;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    // Whoever comes next begins with their own page's time.
    now = 0;
  };
}

/**
 * What time it is for the server, every ten seconds. At first the time of the page itself, so that the browser
 * writes what the server wrote; a browser whose clock is wrong doesn't put what has been into the future.
 *
 * @param renderedAt when the server wrote the page, in milliseconds
 */
export function useServerClock(renderedAt: number): number {
  useEffect(() => {
    ahead = Math.max(ahead, renderedAt - Date.now());
  }, [renderedAt]);
  const ticked = useSyncExternalStore(
    subscribe,
    () => now,
    () => 0,
  );
  return Math.max(renderedAt, ticked);
}
