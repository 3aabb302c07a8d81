import type { GrowthPoint } from "@/lib/directory/charts/schema";
import type { DrawArea } from "./echarts-canvas";

export type GrowthWords = {
  readonly members: string;
  readonly departments: string;
  /** A moment as it is written in full, and as an axis has it. */
  readonly moment: (ms: number) => string;
  readonly day: (ms: number) => string;
  /** Instead of the day, where all is of hardly more than one. */
  readonly hour: (ms: number) => string;
  readonly number: (n: number) => string;
  readonly short: (n: number) => string;
};

/** Shorter than this and an axis of days would say the same one over and over. */
const SHORT_MS = 36 * 60 * 60 * 1_000;
const MINUTE_MS = 60 * 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

type Hovered = { readonly seriesName?: string; readonly value?: unknown };

const valueOf = ({ value }: Hovered): readonly number[] => (Array.isArray(value) ? (value as number[]) : []);

/** Two lines, one above the other, each on a scale of its own: there are many more people than departments. */
export function growthOption(
  points: readonly GrowthPoint[],
  nowMs: number,
  words: GrowthWords,
  { width, colors }: DrawArea,
) {
  const text = { color: colors.dimmed, fontFamily: colors.font, fontSize: 12 };
  const rows = ["members", "departments"] as const;
  const last = points.at(-1);
  const isShort = nowMs - Date.parse(points[0]?.at ?? "") < SHORT_MS;
  const dataOf = (what: (typeof rows)[number]) => [
    ...points.map((point) => [Date.parse(point.at), point[what]]),
    // Nothing changed since.
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
            return `${words.moment(at)}\n${one.seriesName}  ${words.number(n)}`;
          })
          .join("\n"),
    },
    // One below the other, their scales in line.
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
        formatter: (ms: number) => (isShort ? words.hour(ms) : words.day(ms)),
      },
      axisLine: { lineStyle: { color: colors.line } },
    })),
    yAxis: rows.map((what, gridIndex) => ({
      type: "value" as const,
      gridIndex,
      name: words[what],
      nameTextStyle: { ...text, color: colors.text, fontSize: 13, align: "left" as const },
      minInterval: 1,
      axisLabel: { ...text, formatter: (n: number) => words.short(n) },
      splitLine: { lineStyle: { color: colors.border } },
    })),
    series: rows.map((what, index) => ({
      type: "line" as const,
      name: words[what],
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
