/** The charts of the directory page. Separate from the schemas, so that the browser doesn't load zod. */
export const PICTURES = ["treemap", "sunburst", "growth", "chart"] as const;
export type Picture = (typeof PICTURES)[number];
