import { z } from "zod";

export const exportQuery = z.object({
  what: z.enum(["departments", "members"]),
  format: z.enum(["csv", "ndjson"]),
});

export type ExportQuery = z.output<typeof exportQuery>;
