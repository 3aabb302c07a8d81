import { z } from "zod";
import { cursorOfField } from "@/lib/pagination/cursor";
import { EVENT_STATES, REPROCESS_HOURS } from "./event-states";

const TYPE_CHARACTERS_MAX = 100;

const eventId = cursorOfField(z.uuid()).optional().catch(undefined);

/** Filters and position of the list of events. Invalid values are ignored, because they come from a URL. */
export const eventsQuery = z.object({
  type: z
    .string()
    .transform((typed) => typed.trim().slice(0, TYPE_CHARACTERS_MAX) || undefined)
    .optional()
    .catch(undefined),
  state: z.enum(EVENT_STATES).optional().catch(undefined),
  before: eventId,
  after: eventId,
});
export type EventsQuery = z.infer<typeof eventsQuery>;

export const reprocessInput = z.object({ app: z.string(), event: z.string() });

export const reprocessSinceInput = z.object({
  app: z.string(),
  hours: z.coerce.number().refine((hours) => REPROCESS_HOURS.some((one) => one === hours), "invalid"),
});
