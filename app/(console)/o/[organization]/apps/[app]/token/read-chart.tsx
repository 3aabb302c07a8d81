import { getTranslations } from "next-intl/server";
import { HourChart } from "@/app/_components/charts/hour-chart";
import { hoursUntil, RANGES, type Range } from "@/app/_components/charts/hour-series";
import { Link } from "@/app/_components/navigation/link";
import type { HourOfReads } from "@/lib/tokens/history/read-counts";
import { toSeries } from "./read-series";

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

/** Token reads per key and hour. */
export async function ReadChart({ base, range, rows, nowMs, timeZone, keys }: Props) {
  const t = await getTranslations("timeline");
  const hours = hoursUntil(nowMs, RANGES[range]);
  const series = toSeries(rows, hours).map(({ name, isOthers, ...one }) => ({
    ...one,
    label: name ?? t(isOthers ? "otherKeys" : "goneKey"),
  }));
  return (
    <HourChart
      title={t("reads")}
      base={base}
      range={range}
      hours={hours}
      series={series}
      timeZone={timeZone}
      scaleOf={(n) => t("scale", { n })}
      empty={
        <>
          {t("noReads")} {keys && <Link href={keys}>{t("toKeys")}</Link>}
        </>
      }
    />
  );
}
