"use client";

import { Tooltip } from "@mantine/core";
import { useFormatter, useLocale, useTranslations } from "next-intl";
import { useEffect, useSyncExternalStore } from "react";
import { formatDateTime } from "./format-date-time";
import { formatTimeDistance } from "./format-duration";
import classes from "./time.module.css";
import { useTimeZone } from "./time-zone";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** The tooltip is the only place with the full form, so it also opens by keyboard and touch. */
const EVENTS = { hover: true, focus: true, touch: true };

type Props = {
  /** ISO 8601. */
  readonly at: string;
  /** The server's clock when it rendered the page, in milliseconds. Without it the full form is shown. */
  readonly renderedAt?: number | undefined;
  readonly timeZone?: string | undefined;
};

type RelativeTimeProps = {
  readonly at: string;
  readonly full: string;
  /** Display name of the time zone. */
  readonly zone: string;
  readonly renderedAt: number;
};

/** A relative time that updates itself, and becomes the full form after a day. */
function RelativeTime({ at, full, zone, renderedAt }: RelativeTimeProps) {
  const t = useTranslations("time");
  const format = useFormatter();
  const distance = Date.parse(at) - useServerClock(renderedAt);
  if (Math.abs(distance) >= DAY_MS) return <FullTime at={at} full={full} />;
  const duration = formatTimeDistance(Math.abs(distance), format);
  return (
    <Tooltip label={t("full", { time: full, zone })} events={EVENTS}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- makes the tooltip reachable by keyboard */}
      <time dateTime={at} tabIndex={0} className={classes.relative}>
        {distance > 0 ? t("in", { duration }) : t("ago", { duration })}
      </time>
    </Tooltip>
  );
}

const FullTime = ({ at, full }: Pick<RelativeTimeProps, "at" | "full">) => (
  <time dateTime={at} className={classes.dateTime}>
    {full}
  </time>
);

/** A date and time in the page's time zone. Server components use `DateTime`. */
export function ClientDateTime({ at, renderedAt, timeZone }: Props) {
  const pageZone = useTimeZone();
  const isPageZone = timeZone === undefined || timeZone === pageZone.timeZone;
  const zone = isPageZone ? pageZone : { timeZone, text: timeZone };
  const full = formatDateTime(at, useLocale(), zone.timeZone);
  if (renderedAt === undefined) return <FullTime at={at} full={full} />;
  return <RelativeTime at={at} full={full} zone={zone.text} renderedAt={renderedAt} />;
}

const TICK_MS = 10_000;

/** The server's time at the last tick; 0 before the first. */
let now = 0;
/** The server's lead over this browser's clock. Slow responses understate it, so the largest value counts. */
let serverLead = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now() + serverLead;
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
    // The next subscriber starts from its own page's time.
    now = 0;
  };
}

/**
 * Returns the server's current time, updated every 10 seconds. The first value is the render time, so that hydration
 * matches. A wrong browser clock doesn't move past times into the future.
 *
 * @param renderedAt when the server rendered the page, in milliseconds
 */
export function useServerClock(renderedAt: number): number {
  useEffect(() => {
    serverLead = Math.max(serverLead, renderedAt - Date.now());
  }, [renderedAt]);
  const ticked = useSyncExternalStore(
    subscribe,
    () => now,
    () => 0,
  );
  return Math.max(renderedAt, ticked);
}
