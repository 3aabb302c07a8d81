import type { GrowthPoint } from "@/lib/directory/charts/schema";
import type { DrawArea } from "./echarts-canvas";

export type GrowthTexts = {
  readonly members: string;
  readonly departments: string;
  /** Formats the full date and time. */
  readonly dateTime: (ms: number) => string;
  readonly day: (ms: number) => string;
  /** Formats axis labels of short time spans. */
  readonly hour: (ms: number) => string;
  readonly number: (n: number) => string;
  readonly short: (n: number) => string;
};

/** Shorter spans get hours on the axis instead of days. */
const SHORT_MS = 36 * 60 * 60 * 1_000;
const MINUTE_MS = 60 * 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

type Hovered = { readonly seriesName?: string; readonly value?: unknown };

const valueOf = ({ value }: Hovered): readonly number[] => (Array.isArray(value) ? (value as number[]) : []);

/**
 * Two line charts, one above the other with separate scales, because there are many more members than departments.
 */
export function growthOption(
  points: readonly GrowthPoint[],
  nowMs: number,
  texts: GrowthTexts,
  { width, colors }: DrawArea,
) {
  const text = { color: colors.dimmed, fontFamily: colors.font, fontSize: 12 };
  const rows = ["members", "departments"] as const;
  const last = points.at(-1);
  const isShort = nowMs - Date.parse(points[0]?.at ?? "") < SHORT_MS;
  const dataOf = (what: (typeof rows)[number]) => [
    ...points.map((point) => [Date.parse(point.at), point[what]]),
    // Extends the last value to now.
    ...(last ? [[nowMs, last[what]]] : []),
  ];
  return {
    tooltip: {
      trigger: "axis" as const,
      renderMode: "richText" as const,
      confine: true,
      backgroundColor: colors.surface,
      borderColor: colors.border,
      textStyle: { color: colors.text, fontFamily: colors.font, fontSize: 13 },
      formatter: (hovered: Hovered | readonly Hovered[]) =>
        [hovered]
          .flat()
          .map((one) => {
            const [at = 0, n = 0] = valueOf(one);
            return `${texts.dateTime(at)}\n${one.seriesName}  ${texts.number(n)}`;
          })
          .join("\n"),
    },
    grid: [
      { left: 56, right: 24, top: 36, bottom: "58%" },
      { left: 56, right: 24, top: "57%", bottom: 28 },
    ],
    xAxis: rows.map((_, gridIndex) => ({
      type: "time" as const,
      gridIndex,
      max: nowMs,
      minInterval: isShort ? MINUTE_MS : DAY_MS,
      splitNumber: width < 600 ? 3 : 6,
      axisLabel: {
        ...text,
        hideOverlap: true,
        formatter: (ms: number) => (isShort ? texts.hour(ms) : texts.day(ms)),
      },
      axisLine: { lineStyle: { color: colors.line } },
    })),
    yAxis: rows.map((what, gridIndex) => ({
      type: "value" as const,
      gridIndex,
      name: texts[what],
      nameTextStyle: { ...text, color: colors.text, fontSize: 13, align: "left" as const },
      minInterval: 1,
      axisLabel: { ...text, formatter: (n: number) => texts.short(n) },
      splitLine: { lineStyle: { color: colors.border } },
    })),
    series: rows.map((what, index) => ({
      type: "line" as const,
      name: texts[what],
      xAxisIndex: index,
      yAxisIndex: index,
      step: "end" as const,
      showSymbol: points.length < 2,
      symbolSize: 7,
      data: dataOf(what),
      itemStyle: { color: colors.series[index] },
      lineStyle: {
        color: colors.series[index],
        width: 2,
        type: index === 0 ? ("solid" as const) : ("dashed" as const),
      },
    })),
  };
}
