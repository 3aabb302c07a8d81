"use client";

import { useFormatter, useLocale, useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { formatDateTime } from "@/app/_components/time/format-date-time";
import { TimeZoneNote, useTimeZone } from "@/app/_components/time/time-zone";
import type { GrowthChart, GrowthPoint } from "@/lib/directory/charts/schema";
import { ChartStatus, useChartData } from "./chart-data";
import classes from "./charts.module.css";
import EChartsCanvas, { type DrawArea } from "./echarts-canvas";
import { type GrowthTexts, growthOption } from "./growth-options";

const SECONDS = -3;

function useGrowthTexts(): GrowthTexts {
  const t = useTranslations("charts");
  const format = useFormatter();
  const locale = useLocale();
  const { timeZone } = useTimeZone();
  return {
    members: t("members"),
    departments: t("departments"),
    dateTime: (ms) => formatDateTime(new Date(ms).toISOString(), locale, timeZone).slice(0, SECONDS),
    day: (ms) => format.dateTime(ms, { month: "short", day: "numeric", timeZone }),
    hour: (ms) => format.dateTime(ms, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }),
    number: (n) => format.number(n),
    short: (n) => format.number(n, { notation: "compact" }),
  };
}

type FiguresProps = { readonly points: readonly GrowthPoint[]; readonly texts: GrowthTexts };

/** Shows the chart's numbers in a table, newest first. */
function Figures({ points, texts }: FiguresProps) {
  const t = useTranslations("charts");
  return (
    <details className={classes.figures}>
      <summary>{t("asTable")}</summary>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroll container must be reachable by keyboard */}
      <div className={classes.scroll} role="region" aria-label={t("growthTable")} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("time")}</th>
              <th scope="col">{texts.members}</th>
              <th scope="col">{texts.departments}</th>
            </tr>
          </thead>
          <tbody>
            {points.toReversed().map(({ at, members, departments }) => (
              <tr key={at}>
                <th scope="row">
                  <time dateTime={at}>{texts.dateTime(Date.parse(at))}</time>
                </th>
                <td>{texts.number(members)}</td>
                <td>{texts.number(departments)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** The number of departments and members over time, from the oldest stored run until now. */
export default function GrowthView({ address }: { readonly address: string }) {
  const t = useTranslations("charts");
  const directory = useTranslations("directory");
  const state = useChartData<GrowthChart>(address, "growth", null);
  const texts = useGrowthTexts();
  const [nowMs] = useState(() => Date.now());
  const points = state.chart?.points;
  const optionFor = useCallback(
    (room: DrawArea) => growthOption(points ?? [], nowMs, texts, room),
    // oxlint-disable-next-line react/exhaustive-deps -- the texts don't change
    [points, nowMs],
  );
  return (
    <section className={classes.view} aria-busy={state.isLoading || undefined} aria-labelledby="chart-name">
      <h2 id="chart-name" className={classes.heading}>
        {directory("view.growth")}
      </h2>
      <ChartStatus state={state} onShowAll={state.retry} />
      {points?.length === 0 && <p className={classes.none}>{t("noGrowth")}</p>}
      {points && points.length > 0 && (
        <>
          <p className={classes.help}>{t(points.length === 1 ? "oneGrowth" : "growthHelp")}</p>
          <EChartsCanvas label={t("growthOf")} optionFor={optionFor} />
          <Figures points={points} texts={texts} />
          <TimeZoneNote />
        </>
      )}
    </section>
  );
}
