import { z } from "zod";
import { cursorOfField } from "@/lib/pagination/cursor";
import { EVENT_TYPES, type EventType, TEST_EVENT_TYPE } from "@/lib/webhook-log/event-types";
import { ATTEMPT_OUTCOMES, RESEND_HOURS } from "./choices";

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

const listed = z
  .string()
  .default("")
  .transform((text) => text.split(",").filter((part) => part !== ""));

const chosenTypes = listed
  .refine((types) => types.length > 0, "required")
  .pipe(z.array(z.enum(EVENT_TYPES as [EventType, ...EventType[]])));

/** `all`, or comma-separated IDs. */
const chosenApps = z
  .string()
  .default("all")
  .refine((apps) => apps.split(",").some((id) => id !== ""), "required")
  .transform((apps) => (apps === "all" ? null : apps.split(",").filter((id) => id !== "")));

const url = z
  .string()
  .default("")
  .transform((text) => text.trim());

export const createWebhookInput = z.object({
  url: url.refine((text) => text !== "", "required"),
  types: chosenTypes,
  apps: chosenApps,
  isOrdered: z
    .literal("on")
    .optional()
    .transform((value) => value === "on"),
});

/** An empty `url` keeps the URL, because the form does not get its query. */
export const changeWebhookInput = createWebhookInput.extend({
  webhook: z.string(),
  url: url.transform((text) => (text === "" ? undefined : text)),
});

export const resendSinceInput = z.object({
  webhook: z.string(),
  hours: z.coerce.number().refine((hours) => RESEND_HOURS.some((one) => one === hours), "invalid"),
});

/** Filters and position of the list of attempts. Invalid values are ignored, because they come from a URL. */
export const attemptsQuery = z.object({
  type: z
    .enum([...EVENT_TYPES, TEST_EVENT_TYPE])
    .optional()
    .catch(undefined),
  outcome: z.enum(ATTEMPT_OUTCOMES).optional().catch(undefined),
  before: cursorOfField(z.uuid()).optional().catch(undefined),
});
export type AttemptsFilter = z.infer<typeof attemptsQuery>;
