import { z } from "zod";
import { EVENT_TYPES, type EventType } from "@/lib/webhook-log/event-types";

const APPS_MAX = 100;

/** The fields of an endpoint that people and services set. `checkWebhookUrl` checks the URL. */
export const endpointFields = {
  url: z.string().min(1),
  types: z
    .array(z.enum(EVENT_TYPES as [EventType, ...EventType[]]))
    .min(1)
    .transform((types) => [...new Set(types)]),
  appIds: z
    .array(z.uuid())
    .min(1)
    .max(APPS_MAX)
    .transform((ids) => [...new Set(ids)])
    .nullable(),
  isOrdered: z.boolean(),
};

const endpointInput = z.object(endpointFields);
export type EndpointInput = z.output<typeof endpointInput>;
