import { z } from "zod";
import { CALL_OUTCOMES } from "./call";
import { OWN } from "./filters";

const TEXT_CHARACTERS_MAX = 200;

const id = z.uuid().optional().catch(undefined);
const text = z
  .string()
  .transform((typed) => typed.trim().slice(0, TEXT_CHARACTERS_MAX) || undefined)
  .optional()
  .catch(undefined);

/** Which calls a page of the log shows; what makes no sense in an address is as if it weren't there. */
export const callsQuery = z.object({
  app: id,
  key: z
    .union([z.literal(OWN), z.uuid()])
    .optional()
    .catch(undefined),
  outcome: z.enum(CALL_OUTCOMES).optional().catch(undefined),
  /** A part of the path. */
  path: text,
  /** DingTalk's request id. */
  request: text,
  before: id,
  after: id,
});
export type CallsQuery = z.infer<typeof callsQuery>;
