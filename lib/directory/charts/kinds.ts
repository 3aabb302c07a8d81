/** What the directory page can show in the place of the tree. Apart from the schemas, which the browser has no use for. */
export const PICTURES = ["treemap", "sunburst", "growth", "chart"] as const;
export type Picture = (typeof PICTURES)[number];
