/** The charts of the directory page. Separate from the schemas, so that the browser doesn't load zod. */
export const CHART_KINDS = ["treemap", "sunburst", "growth", "chart"] as const;
export type ChartKind = (typeof CHART_KINDS)[number];
