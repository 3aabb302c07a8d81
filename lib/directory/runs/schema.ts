import { z } from "zod";
import { cursorNumber, cursorOfField } from "@/lib/pagination/cursor";
import { toTypedNumber } from "@/lib/typed-number";
import { DECISIONS, RUN_MODES, RUN_STATES, RUN_TRIGGERS } from "./run-states";

const runNumber = cursorOfField(cursorNumber).optional().catch(undefined);

export const runsQuery = z.object({
  state: z.enum(RUN_STATES).optional().catch(undefined),
  trigger: z.enum(RUN_TRIGGERS).optional().catch(undefined),
  mode: z.enum(RUN_MODES).optional().catch(undefined),
  before: runNumber,
  after: runNumber,
});
export type RunsQuery = z.infer<typeof runsQuery>;

const REASON_CHARACTERS_MAX = 500;

export const decisionInput = z.object({
  run: z.string(),
  decision: z.enum(DECISIONS),
  reason: z.string({ error: "required" }).trim().min(1, "required").max(REASON_CHARACTERS_MAX),
  /** Required with `all`: the number of removals, as the user typed it. */
  typed: z
    .string()
    .transform((text) => toTypedNumber(text) ?? Number.NaN)
    .optional(),
});
