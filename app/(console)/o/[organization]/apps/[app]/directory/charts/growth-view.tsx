"use client";

import { useFormatter, useLocale, useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { formatDateTime } from "@/app/_components/time/format-date-time";
import { TimeZoneNote, useTimeZone } from "@/app/_components/time/time-zone";
import type { GrowthPicture, GrowthPoint } from "@/lib/directory/charts/schema";
import { ChartStatus, useChartData } from "./chart-data";
import classes from "./charts.module.css";
import EChartsCanvas, { type DrawArea } from "./echarts-canvas";
import { type GrowthWords, growthOption } from "./growth-options";

const SECONDS = -3;

function useWords(): GrowthWords {
  const t = useTranslations("pictures");
  const format = useFormatter();
  const locale = useLocale();
  const { timeZone } = useTimeZone();
  return {
    members: t("members"),
    departments: t("departments"),
    moment: (ms) => formatDateTime(new Date(ms).toISOString(), locale, timeZone).slice(0, SECONDS),
    day: (ms) => format.dateTime(ms, { month: "short", day: "numeric", timeZone }),
    hour: (ms) => format.dateTime(ms, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }),
    number: (n) => format.number(n),
    short: (n) => format.number(n, { notation: "compact" }),
  };
}

type FiguresProps = { readonly points: readonly GrowthPoint[]; readonly words: GrowthWords };

/** The same figures, the newest first. */
function Figures({ points, words }: FiguresProps) {
  const t = useTranslations("pictures");
  return (
    <details className={classes.figures}>
      <summary>{t("asTable")}</summary>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by the keyboard */}
      <div className={classes.scroll} role="region" aria-label={t("growthTable")} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("time")}</th>
              <th scope="col">{words.members}</th>
              <th scope="col">{words.departments}</th>
            </tr>
          </thead>
          <tbody>
            {points.toReversed().map(({ at, members, departments }) => (
              <tr key={at}>
                <th scope="row">
                  <time dateTime={at}>{words.moment(Date.parse(at))}</time>
                </th>
                <td>{words.number(members)}</td>
                <td>{words.number(departments)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** How many departments and people there were, from the first sync that is kept until now. */
export default function GrowthView({ address }: { readonly address: string }) {
  const t = useTranslations("pictures");
  const directory = useTranslations("directory");
  const state = useChartData<GrowthPicture>(address, "growth", null);
  const words = useWords();
  const [nowMs] = useState(() => Date.now());
  const points = state.picture?.points;
  const optionFor = useCallback(
    (room: DrawArea) => growthOption(points ?? [], nowMs, words, room),
    // oxlint-disable-next-line react/exhaustive-deps -- the words don't change
    [points, nowMs],
  );
  return (
    <section
      className={classes.picture}
      aria-busy={state.isLoading || undefined}
      aria-labelledby="picture-name"
    >
      <h2 id="picture-name" className={classes.heading}>
        {directory("view.growth")}
      </h2>
      <ChartStatus state={state} onAll={state.retry} />
      {points?.length === 0 && <p className={classes.none}>{t("noGrowth")}</p>}
      {points && points.length > 0 && (
        <>
          <p className={classes.help}>{t(points.length === 1 ? "oneGrowth" : "growthHelp")}</p>
          <EChartsCanvas label={t("growthOf")} optionFor={optionFor} />
          <Figures points={points} words={words} />
          <TimeZoneNote />
        </>
      )}
    </section>
  );
}
