import type { Headcount } from "@/lib/directory/charts/schema";
import { type ChartColors, mix } from "./chart-colors";
import type { DrawArea } from "./echarts-canvas";
import { plainTextName } from "./svg-text";

/** What a picture says beside names; figures as the language writes them. */
export type Words = {
  readonly nameless: string;
  readonly everything: string;
  readonly directOf: (name: string) => string;
  readonly rest: (departments: number) => string;
  readonly people: (n: number) => string;
};

/** A part of the picture. `target` is the department that it leads into. */
export type Piece = {
  readonly name: string;
  /** How large it is drawn. People who are in two departments count in both, so siblings may be more than what they lie in. */
  readonly value: number;
  readonly people: number;
  readonly target?: string;
  readonly children?: readonly Piece[];
};

/** How much of its color a piece of a level has: the outer ones less. */
const SHARES = [0.42, 0.3, 0.2, 0.13];

const SIGNS: Readonly<Record<string, string>> = { "{": "｛", "}": "｝", "|": "｜" };

/** A name without the signs by which ECharts styles a part of a text. */
export const plainName = (name: string, nameless: string): string =>
  plainTextName(name, nameless).replace(/[{}|]/g, (sign) => SIGNS[sign] ?? sign);

/** Where a press on a department leads: into it, or where nothing lies below it, into what it lies in. */
const targetOf = (node: Headcount, parent: Headcount, rootId: string | null): string | undefined => {
  const target = node.hasChildren ? node.id : parent.id;
  return target === null || target === rootId ? undefined : target;
};

/**
 * What lies in a department, its parts scaled so that together they are as large as it is drawn.
 *
 * @param depth of levels still told
 */
export function piecesOf(
  node: Headcount,
  {
    words,
    size,
    depth,
    rootId,
    withDirect,
  }: {
    readonly words: Words;
    readonly size: number;
    readonly depth: number;
    readonly rootId: string | null;
    /** Whether people of the department itself have a part of their own. */
    readonly withDirect: boolean;
  },
): Piece[] {
  const below = node.children ?? [];
  const restPeople = node.rest?.people ?? 0;
  const sum = below.reduce((all, { total }) => all + total, 0) + restPeople + node.direct;
  if (depth === 0 || sum === 0 || below.length === 0) return [];
  const scale = size / sum;
  const direct = { name: words.directOf(plainName(node.name, words.nameless)), people: node.direct };
  return [
    ...below.flatMap((child): Piece[] => {
      const value = child.total * scale;
      const target = targetOf(child, node, rootId);
      const children = piecesOf(child, { words, size: value, depth: depth - 1, rootId, withDirect });
      const piece = { name: plainName(child.name, words.nameless), value, people: child.total };
      return value === 0
        ? []
        : [{ ...piece, ...(target && { target }), ...(children.length > 0 && { children }) }];
    }),
    ...(node.rest && restPeople > 0
      ? [{ name: words.rest(node.rest.departments), value: restPeople * scale, people: restPeople }]
      : []),
    ...(withDirect && node.direct > 0 ? [{ ...direct, value: node.direct * scale }] : []),
  ];
}

type Colored = Piece & {
  readonly itemStyle: { readonly color: string };
  readonly children?: readonly Colored[];
};

/** Each branch in a color of its own, thinner the deeper it lies. */
function colored(
  pieces: readonly Piece[],
  colors: ChartColors,
  hue: string | null = null,
  depth = 0,
): Colored[] {
  return pieces.map((piece, index) => {
    const own = hue ?? colors.series[index % colors.series.length] ?? colors.line;
    const color = mix(own, colors.surface, SHARES[Math.min(depth, SHARES.length - 1)] ?? 0);
    const { children, ...rest } = piece;
    return {
      ...rest,
      itemStyle: { color },
      ...(children && { children: colored(children, colors, own, depth + 1) }),
    };
  });
}

type Shown = { readonly name: string; readonly data?: unknown };
const peopleOf = (data: unknown): number => (data as Piece | undefined)?.people ?? 0;

/** On the canvas too: a tooltip of elements would bring styles along. */
const tooltip = (colors: ChartColors, words: Words) => ({
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
  formatter: ({ name, data }: Shown) => (name === "" ? "" : `${name}\n${words.people(peopleOf(data))}`),
});

const NARROW = 600;

/** More levels at once have no room for their names. */
const TREEMAP_DEPTH = 2;

export function treemapOption(root: Headcount, words: Words, { colors }: DrawArea) {
  const data = colored(
    piecesOf(root, { words, size: root.total, depth: TREEMAP_DEPTH, rootId: root.id, withDirect: true }),
    colors,
  );
  const label = {
    color: colors.text,
    fontFamily: colors.font,
    fontSize: 13,
    overflow: "truncate" as const,
  };
  return {
    tooltip: tooltip(colors, words),
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
          formatter: ({ name, data: own }: Shown) => `${name}\n${words.people(peopleOf(own))}`,
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

export function sunburstOption(root: Headcount, words: Words, { width, colors }: DrawArea) {
  const depth = width < NARROW ? 3 : 4;
  const data = colored(
    piecesOf(root, { words, size: root.total, depth, rootId: root.id, withDirect: false }),
    colors,
  );
  const label = { color: colors.text, fontFamily: colors.font, fontSize: 12 };
  return {
    tooltip: tooltip(colors, words),
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
