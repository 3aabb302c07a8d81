/** The colors of a picture, as the style sheets have them. */
export type ChartColors = {
  readonly text: string;
  readonly dimmed: string;
  readonly surface: string;
  readonly border: string;
  readonly line: string;
  readonly font: string;
  /** In this order (design.md 2.1). */
  readonly series: readonly string[];
};

const SERIES = [1, 2, 3, 4, 5, 6];

/** What the style sheets say in the present scheme. */
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

/** `#rrggbb`, or `#rgb`, as which the build writes it where it can. */
function partsOf(hex: string): number[] {
  const digits = hex.slice(1).replace(/^(.)(.)(.)$/, "$1$1$2$2$3$3");
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
}

/** A color thinned with its ground, so that text on it stays readable. @param share of the color, 0 to 1 */
export function mix(color: string, ground: string, share: number): string {
  const [over, under] = [partsOf(color), partsOf(ground)];
  const mixed = over.map((value, index) => Math.round(value * share + (under[index] ?? 0) * (1 - share)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
