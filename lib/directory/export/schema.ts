import { z } from "zod";

export const exportQuery = z.object({
  what: z.enum(["departments", "members"]).default("departments"),
  format: z.enum(["csv", "ndjson"]).default("csv"),
});

export type ExportQuery = z.output<typeof exportQuery>;
