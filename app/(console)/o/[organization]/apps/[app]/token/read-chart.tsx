import { getFormatter, getLocale, getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { formatDateTime } from "@/app/_components/time/format-date-time";
import type { HourOfReads } from "@/lib/tokens/history/read-counts";
import { barsPath, type Chart, hoursUntil, type Series, toChart } from "./chart-series";
import classes from "./token.module.css";

/** Selectable time ranges, in hours. */
export const RANGES = { day: 24, week: 7 * 24 } as const;
export type Range = keyof typeof RANGES;

type Props = {
  /** Address of the token page. */
  readonly base: string;
  readonly range: Range;
  readonly rows: readonly HourOfReads[];
  readonly nowMs: number;
  readonly timeZone: string;
  /** Address of the API keys page; `null` without permission. */
  readonly keys: string | null;
};

async function nameOf({ name, isOthers }: Series): Promise<string> {
  const t = await getTranslations("timeline");
  return name ?? t(isOthers ? "otherKeys" : "goneKey");
}

/** Rows of bars with one scale, labeled by name instead of color. */
async function Bars({ chart }: { readonly chart: Chart }) {
  const format = await getFormatter();
  const names = await Promise.all(chart.series.map(nameOf));
  return (
    <div className={classes.rows}>
      {chart.series.map(({ id, reads, total }, index) => (
        <div key={id} className={classes.row}>
          <bdi className={classes.key}>{names[index]}</bdi>
          <svg
            className={classes.bars}
            viewBox={`0 0 ${reads.length} 1`}
            preserveAspectRatio="none"
            aria-hidden
          >
            <path d={barsPath(reads, chart.highest)} />
          </svg>
          <span className={classes.total}>{format.number(total)}</span>
        </div>
      ))}
    </div>
  );
}

/** Shows the chart's numbers in a table, with a row per hour with reads. */
async function Figures({ chart, timeZone }: { readonly chart: Chart; readonly timeZone: string }) {
  const t = await getTranslations("timeline");
  const format = await getFormatter();
  const locale = await getLocale();
  const names = await Promise.all(chart.series.map(nameOf));
  const read = chart.hours.flatMap((hour, index) => {
    const cells = chart.series.map(({ reads }) => reads[index] ?? 0);
    return cells.some((reads) => reads > 0) ? [{ hour, cells }] : [];
  });
  return (
    <details className={classes.figures}>
      <summary>{t("asTable")}</summary>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroll container must be reachable by keyboard */}
      <div className={classes.scroll} role="region" aria-label={t("reads")} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("hour")}</th>
              {chart.series.map(({ id }, index) => (
                <th key={id} scope="col">
                  <bdi>{names[index]}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {read.toReversed().map(({ hour, cells }) => (
              <tr key={hour}>
                <th scope="row">
                  <time dateTime={new Date(hour).toISOString()}>
                    {formatDateTime(new Date(hour).toISOString(), locale, timeZone).slice(0, -3)}
                  </time>
                </th>
                {chart.series.map(({ id }, index) => (
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

/** Token reads per key and hour, as a chart and a table. */
export async function ReadChart({ base, range, rows, nowMs, timeZone, keys }: Props) {
  const t = await getTranslations("timeline");
  const chart = toChart(rows, hoursUntil(nowMs, RANGES[range]));
  const isEmpty = chart.series.length === 0;
  return (
    <Card title={t("reads")}>
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
      {isEmpty ? (
        <p style={{ margin: 0 }}>
          {t("noReads")} {keys && <Link href={keys}>{t("toKeys")}</Link>}
        </p>
      ) : (
        <>
          <Bars chart={chart} />
          <p className={classes.scale}>{t("scale", { n: chart.highest })}</p>
          <Figures chart={chart} timeZone={timeZone} />
        </>
      )}
    </Card>
  );
}
