import { z } from "zod";
import { atRun } from "../ids";

export const exportQuery = z.object({
  what: z.enum(["departments", "members"]).default("departments"),
  format: z.enum(["csv", "ndjson"]).default("csv"),
  at: atRun,
});

export type ExportQuery = z.output<typeof exportQuery>;
