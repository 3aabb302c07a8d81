import { plainTextName } from "@/app/_components/text/split-name";
import type { Headcount } from "@/lib/directory/charts/schema";
import { type ChartColors, mix } from "./chart-colors";
import type { DrawArea } from "./echarts-canvas";

/** The chart's translated texts. */
export type ChartTexts = {
  readonly nameless: string;
  readonly everything: string;
  readonly directOf: (name: string) => string;
  readonly rest: (departments: number) => string;
  readonly people: (n: number) => string;
};

/** An item of the chart. `target` is the department that a click opens. */
export type ChartItem = {
  readonly name: string;
  /** Drawn size. Members of two departments count twice, so children can add up to more than their parent. */
  readonly value: number;
  readonly people: number;
  readonly target?: string;
  readonly children?: readonly ChartItem[];
};

/** Color share by level. Outer levels are lighter. */
const COLOR_SHARES = [0.42, 0.3, 0.2, 0.13];

const LOOKALIKES: Readonly<Record<string, string>> = { "{": "｛", "}": "｝", "|": "｜" };

/** Returns a name without ECharts' rich-text markup characters. */
export const plainName = (name: string, nameless: string): string =>
  plainTextName(name, nameless).replace(/[{}|]/g, (sign) => LOOKALIKES[sign] ?? sign);

/** Returns the department that a click opens: the item itself, or its parent for a leaf. */
const targetOf = (node: Headcount, parent: Headcount, rootId: string | null): string | undefined => {
  const target = node.hasChildren ? node.id : parent.id;
  return target === null || target === rootId ? undefined : target;
};

/**
 * Converts a department's contents to items, scaled so that they fill the department's size.
 *
 * @param depth number of levels to include
 */
export function toItems(
  node: Headcount,
  {
    texts,
    size,
    depth,
    rootId,
    withDirect,
  }: {
    readonly texts: ChartTexts;
    readonly size: number;
    readonly depth: number;
    readonly rootId: string | null;
    /** Set if the department's direct members are a separate item. */
    readonly withDirect: boolean;
  },
): ChartItem[] {
  const below = node.children ?? [];
  const restPeople = node.rest?.people ?? 0;
  const sum = below.reduce((all, { total }) => all + total, 0) + restPeople + node.direct;
  if (depth === 0 || sum === 0 || below.length === 0) return [];
  const scale = size / sum;
  const direct = { name: texts.directOf(plainName(node.name, texts.nameless)), people: node.direct };
  return [
    ...below.flatMap((child): ChartItem[] => {
      const value = child.total * scale;
      const target = targetOf(child, node, rootId);
      const children = toItems(child, { texts, size: value, depth: depth - 1, rootId, withDirect });
      const item = { name: plainName(child.name, texts.nameless), value, people: child.total };
      return value === 0
        ? []
        : [{ ...item, ...(target && { target }), ...(children.length > 0 && { children }) }];
    }),
    ...(node.rest && restPeople > 0
      ? [{ name: texts.rest(node.rest.departments), value: restPeople * scale, people: restPeople }]
      : []),
    ...(withDirect && node.direct > 0 ? [{ ...direct, value: node.direct * scale }] : []),
  ];
}

type ColoredItem = ChartItem & {
  readonly itemStyle: { readonly color: string };
  readonly children?: readonly ColoredItem[];
};

/** Colors each branch in its own hue, lighter with depth. */
function colorize(
  items: readonly ChartItem[],
  colors: ChartColors,
  hue: string | null = null,
  depth = 0,
): ColoredItem[] {
  return items.map((item, index) => {
    const own = hue ?? colors.series[index % colors.series.length] ?? colors.line;
    const color = mix(own, colors.surface, COLOR_SHARES[Math.min(depth, COLOR_SHARES.length - 1)] ?? 0);
    const { children, ...rest } = item;
    return {
      ...rest,
      itemStyle: { color },
      ...(children && { children: colorize(children, colors, own, depth + 1) }),
    };
  });
}

type TooltipItem = { readonly name: string; readonly data?: unknown };
const peopleOf = (data: unknown): number => (data as ChartItem | undefined)?.people ?? 0;

/** Rendered on the canvas, because an HTML tooltip would need inline styles. */
const tooltip = (colors: ChartColors, texts: ChartTexts) => ({
  renderMode: "richText" as const,
  confine: true,
  backgroundColor: colors.surface,
  borderColor: colors.border,
  textStyle: {
    color: colors.text,
    fontFamily: colors.font,
    fontSize: 13,
    width: 260,
    overflow: "break" as const,
  },
  formatter: ({ name, data }: TooltipItem) => (name === "" ? "" : `${name}\n${texts.people(peopleOf(data))}`),
});

const NARROW = 600;

/** Deeper levels have no room for their names. */
const TREEMAP_DEPTH = 2;

export function treemapOption(root: Headcount, texts: ChartTexts, { colors }: DrawArea) {
  const data = colorize(
    toItems(root, { texts, size: root.total, depth: TREEMAP_DEPTH, rootId: root.id, withDirect: true }),
    colors,
  );
  const label = {
    color: colors.text,
    fontFamily: colors.font,
    fontSize: 13,
    overflow: "truncate" as const,
  };
  return {
    tooltip: tooltip(colors, texts),
    series: [
      {
        type: "treemap" as const,
        data,
        roam: false as const,
        nodeClick: false as const,
        breadcrumb: { show: false },
        left: 0,
        right: 0,
        top: 0,
        bottom: 0,
        visibleMin: 60,
        childrenVisibleMin: 3_000,
        label: {
          ...label,
          padding: 4,
          position: "insideTopLeft" as const,
          formatter: ({ name, data: own }: TooltipItem) => `${name}\n${texts.people(peopleOf(own))}`,
          lineHeight: 18,
        },
        upperLabel: { ...label, show: true, height: 24, fontWeight: 500, padding: [0, 6] },
        itemStyle: { borderColor: colors.surface, borderWidth: 1, gapWidth: 1 },
        levels: [
          { itemStyle: { borderWidth: 0, gapWidth: 3 }, upperLabel: { show: false } },
          { itemStyle: { gapWidth: 2, borderWidth: 2 } },
        ],
        emphasis: {
          itemStyle: { borderColor: colors.text },
          upperLabel: { color: colors.text },
          label: { color: colors.text },
        },
      },
    ],
  };
}

export function sunburstOption(root: Headcount, texts: ChartTexts, { width, colors }: DrawArea) {
  const depth = width < NARROW ? 3 : 4;
  const data = colorize(
    toItems(root, { texts, size: root.total, depth, rootId: root.id, withDirect: false }),
    colors,
  );
  const label = { color: colors.text, fontFamily: colors.font, fontSize: 12 };
  return {
    tooltip: tooltip(colors, texts),
    series: [
      {
        type: "sunburst" as const,
        data,
        nodeClick: false as const,
        sort: undefined,
        radius: ["16%", "98%"],
        label: { ...label, minAngle: 8, overflow: "truncate" as const, width: width < NARROW ? 44 : 76 },
        itemStyle: { borderColor: colors.surface, borderWidth: 1 },
        emphasis: { focus: "ancestor" as const },
        blur: { itemStyle: { opacity: 0.5 }, label: { opacity: 1 } },
      },
    ],
  };
}
