/** A chart's colors, from the style sheets. */
export type ChartColors = {
  readonly text: string;
  readonly dimmed: string;
  readonly surface: string;
  readonly border: string;
  readonly line: string;
  readonly font: string;
  /** Series colors in their fixed order. */
  readonly series: readonly string[];
};

const SERIES = [1, 2, 3, 4, 5, 6];

/** Reads the colors of the current color scheme. */
export function readChartColors(element: Element): ChartColors {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(`--dk-${name}`).trim();
  return {
    text: of("text"),
    dimmed: of("text-dimmed"),
    surface: of("surface"),
    border: of("border"),
    line: of("control-border"),
    font: style.fontFamily,
    series: SERIES.map((number) => of(`series-${number}`)),
  };
}

/** Parses `#rrggbb`, and `#rgb`, to which the build shortens colors. */
function parseHex(hex: string): number[] {
  const digits = hex.slice(1).replace(/^(.)(.)(.)$/, "$1$1$2$2$3$3");
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
}

/**
 * Mixes a color with its background, so that text on it stays readable.
 *
 * @param share of the color, 0 to 1
 */
export function mix(color: string, background: string, share: number): string {
  const [over, under] = [parseHex(color), parseHex(background)];
  const mixed = over.map((value, index) => Math.round(value * share + (under[index] ?? 0) * (1 - share)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
