"use client";

import { Tooltip } from "@mantine/core";
import { useFormatter, useLocale, useTranslations } from "next-intl";
import { momentText } from "./format-date-time";
import { formatSpan } from "./format-duration";
import { useServerClock } from "./server-clock";
import classes from "./time.module.css";
import { useZone } from "./time-zone";

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

/** A point in time in the zone of the page. Server components use `Moment`. */
export function MomentView({ at, renderedAt, timeZone }: Props) {
  const page = useZone();
  const isPages = timeZone === undefined || timeZone === page.timeZone;
  const zone = isPages ? page : { timeZone, text: timeZone };
  const full = momentText(at, useLocale(), zone.timeZone);
  if (renderedAt === undefined) return <Full at={at} full={full} />;
  return <Near at={at} full={full} zone={zone.text} renderedAt={renderedAt} />;
}
