import { getFormatter, getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { formatDateTime } from "@/app/_components/time/format-date-time";
import classes from "./hour-chart.module.css";
import { barsPath, type HourSeries, RANGES, type Range } from "./hour-series";

type Props = {
  readonly title: string;
  /** Address of the page. */
  readonly base: string;
  readonly range: Range;
  /** Start of each hour, oldest first. */
  readonly hours: readonly number[];
  readonly series: readonly HourSeries[];
  readonly timeZone: string;
  /** Explains the height of the bars. @param highest the highest bar */
  readonly scaleOf: (highest: number) => string;
  /** Replaces an empty chart. */
  readonly empty: ReactNode;
};

/** Rows of bars with one scale, labeled by name instead of color. */
async function Bars({ series, highest }: Pick<Props, "series"> & { readonly highest: number }) {
  const format = await getFormatter();
  return (
    <div className={classes.rows}>
      {series.map(({ id, label, values, total }) => (
        <div key={id} className={classes.row}>
          <bdi className={classes.key}>{label}</bdi>
          <svg
            className={classes.bars}
            viewBox={`0 0 ${values.length} 1`}
            preserveAspectRatio="none"
            aria-hidden
          >
            <path d={barsPath(values, highest)} />
          </svg>
          <span className={classes.total}>{format.number(total)}</span>
        </div>
      ))}
    </div>
  );
}

/** Shows the chart's numbers in a table, with a row per hour that is not empty. */
async function Figures({
  title,
  hours,
  series,
  timeZone,
}: Pick<Props, "title" | "hours" | "series" | "timeZone">) {
  const t = await getTranslations("timeline");
  const format = await getFormatter();
  const locale = await getLocale();
  const rows = hours.flatMap((hour, index) => {
    const cells = series.map(({ values }) => values[index] ?? 0);
    return cells.some((value) => value > 0) ? [{ hour, cells }] : [];
  });
  return (
    <details className={classes.figures}>
      <summary>{t("asTable")}</summary>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroll container must be reachable by keyboard */}
      <div className={classes.scroll} role="region" aria-label={title} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("hour")}</th>
              {series.map(({ id, label }) => (
                <th key={id} scope="col">
                  <bdi>{label}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.toReversed().map(({ hour, cells }) => (
              <tr key={hour}>
                <th scope="row">
                  <time dateTime={new Date(hour).toISOString()}>
                    {formatDateTime(new Date(hour).toISOString(), locale, timeZone).slice(0, -3)}
                  </time>
                </th>
                {series.map(({ id }, index) => (
                  <td key={id}>{format.number(cells[index] ?? 0)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Numbers per hour of the last 24 hours or 7 days, as a chart and a table. */
export async function HourChart({ title, base, range, hours, series, timeZone, scaleOf, empty }: Props) {
  const t = await getTranslations("timeline");
  const highest = Math.max(0, ...series.flatMap(({ values }) => values));
  return (
    <Card title={title}>
      <p className={classes.ranges}>
        {(Object.keys(RANGES) as Range[]).map((one) => (
          <Link
            key={one}
            href={one === "day" ? base : `${base}?range=${one}`}
            aria-current={one === range ? "true" : undefined}
            scroll={false}
          >
            {t(`range.${one}`)}
          </Link>
        ))}
      </p>
      {highest === 0 ? (
        <p style={{ margin: 0 }}>{empty}</p>
      ) : (
        <>
          <Bars series={series} highest={highest} />
          <p className={classes.scale}>{scaleOf(highest)}</p>
          <Figures title={title} hours={hours} series={series} timeZone={timeZone} />
        </>
      )}
    </Card>
  );
}
