import { z } from "zod";
import { cursorOfField } from "@/lib/pagination/cursor";
import { CALL_OUTCOMES } from "./call";
import { OWN } from "./filters";

const TEXT_CHARACTERS_MAX = 200;

const id = z.uuid().optional().catch(undefined);
const callId = cursorOfField(z.uuid()).optional().catch(undefined);
const text = z
  .string()
  .transform((typed) => typed.trim().slice(0, TEXT_CHARACTERS_MAX) || undefined)
  .optional()
  .catch(undefined);

export const callsQuery = z.object({
  app: id,
  key: z
    .union([z.literal(OWN), z.uuid()])
    .optional()
    .catch(undefined),
  outcome: z.enum(CALL_OUTCOMES).optional().catch(undefined),
  path: text,
  request: text,
  before: callId,
  after: callId,
});
export type CallsQuery = z.infer<typeof callsQuery>;
