import { z } from "zod";
import { cursorOfField } from "@/lib/pagination/cursor";
import { EVENT_TYPES, type EventType, TEST_EVENT_TYPE } from "@/lib/webhook-log/event-types";
import type { Endpoint } from "@/lib/webhooks/endpoints/queries";
import { endpointFields } from "@/lib/webhooks/endpoints/schema";
import { eventCursor } from "@/lib/webhooks/events/event-cursor";
import { defineContract } from "./contract";
import { pageLimit } from "./page-limit";
import { id, none, time } from "./values";
import { eventAnswer } from "./webhook-payloads";

const webhookParams = z.strictObject({ webhookId: id });

const types = z.array(z.enum(EVENT_TYPES as [EventType, ...EventType[]]));

const webhookFields = {
  id,
  url: z.string().meta({ description: "Without the query, which may contain a token." }),
  types,
  appIds: z.array(id).nullable().meta({ description: "Null for all apps, including later ones." }),
  isOrdered: z
    .boolean()
    .meta({ description: "Events of one department or member wait until earlier ones were delivered." }),
  state: z
    .enum(["enabled", "failing", "disabled"])
    .meta({ description: "`failing`: no delivery has succeeded since `failingSince`." }),
  failingSince: time.nullable(),
  disabledAt: time.nullable(),
  disabledFor: z.enum(["person", "gone", "failing"]).nullable().meta({
    description: "`gone`: the receiver answered with 410. `failing`: all deliveries failed for five days.",
  }),
  previousSecretUntil: time
    .nullable()
    .meta({ description: "Until then messages are also signed with the previous secret." }),
  createdAt: time,
};

export const webhookAnswer = z.object(webhookFields).meta({ id: "Webhook" });

export const toWebhookAnswer = (endpoint: Endpoint): z.input<typeof webhookAnswer> => ({
  id: endpoint.id,
  url: endpoint.url,
  types: [...endpoint.types],
  appIds: endpoint.appIds && [...endpoint.appIds],
  isOrdered: endpoint.isOrdered,
  state: endpoint.state,
  failingSince: endpoint.failingSince,
  disabledAt: endpoint.disabledAt,
  disabledFor: endpoint.disabledFor,
  previousSecretUntil: endpoint.previousSecretUntil,
  createdAt: endpoint.createdAt,
});

const secret = z.string().meta({ description: "Signs the messages. Returned only once." });

export const listWebhooksContract = defineContract({
  operation: "listWebhooks",
  method: "GET",
  path: "/webhooks",
  scope: "webhooks:manage",
  params: none,
  query: none,
  body: null,
  answer: { status: 200, schema: z.object({ webhooks: z.array(webhookAnswer) }) },
});

export const createWebhookContract = defineContract({
  operation: "createWebhook",
  method: "POST",
  path: "/webhooks",
  scope: "webhooks:manage",
  params: none,
  query: none,
  body: z
    .strictObject({
      ...endpointFields,
      url: endpointFields.url.meta({
        description:
          "An https address of the internet. Private networks are refused unless the server allows them.",
      }),
      appIds: endpointFields.appIds.default(null).meta({ description: "Null for all apps." }),
      isOrdered: endpointFields.isOrdered.default(false),
    })
    .meta({
      examples: [{ url: "https://example.com/dingkeep", types: ["member.added", "member.removed"] }],
    }),
  answer: { status: 201, schema: z.object({ ...webhookFields, secret }).meta({ id: "NewWebhook" }) },
  fails: [409],
});

export const getWebhookContract = defineContract({
  operation: "getWebhook",
  method: "GET",
  path: "/webhooks/{webhookId}",
  scope: "webhooks:manage",
  params: webhookParams,
  query: none,
  body: null,
  answer: { status: 200, schema: webhookAnswer },
});

export const changeWebhookContract = defineContract({
  operation: "changeWebhook",
  method: "PATCH",
  path: "/webhooks/{webhookId}",
  scope: "webhooks:manage",
  params: webhookParams,
  query: none,
  body: z
    .strictObject({
      ...endpointFields,
      isEnabled: z.boolean().meta({
        description: "Enabling continues after the last delivered event. Events are kept for 30 days.",
      }),
    })
    .partial()
    .meta({ examples: [{ isEnabled: true }] }),
  answer: { status: 200, schema: webhookAnswer },
});

export const deleteWebhookContract = defineContract({
  operation: "deleteWebhook",
  method: "DELETE",
  path: "/webhooks/{webhookId}",
  scope: "webhooks:manage",
  params: webhookParams,
  query: none,
  body: null,
  answer: { status: 204, schema: null },
});

export const rotateWebhookSecretContract = defineContract({
  operation: "rotateWebhookSecret",
  method: "POST",
  path: "/webhooks/{webhookId}/rotate-secret",
  scope: "webhooks:manage",
  params: webhookParams,
  query: none,
  body: null,
  answer: { status: 200, schema: z.object({ secret, previousSecretUntil: time }) },
});

const attemptFields = {
  id,
  at: time,
  status: z.int().nullable().meta({ description: "HTTP status; null without a response." }),
  failure: z
    .enum(["private", "unresolvable", "timeout", "certificate", "connection", "expired"])
    .nullable()
    .meta({ description: "Why there was no response. `private`: the address is not allowed." }),
  durationMs: z.int(),
  answer: z.string().meta({ description: "First 4 kB of the response." }),
};

export const testWebhookContract = defineContract({
  operation: "testWebhook",
  method: "POST",
  path: "/webhooks/{webhookId}/test",
  scope: "webhooks:manage",
  params: webhookParams,
  query: none,
  body: null,
  answer: { status: 200, schema: z.object(attemptFields).meta({ id: "WebhookTest" }) },
});

const flag = z.enum(["true", "false"]).transform((value) => value === "true");

export const listWebhookAttemptsContract = defineContract({
  operation: "listWebhookAttempts",
  method: "GET",
  path: "/webhooks/{webhookId}/attempts",
  scope: "webhooks:manage",
  params: webhookParams,
  query: z.strictObject({
    eventId: z.string().max(100).optional(),
    type: z.enum([...EVENT_TYPES, TEST_EVENT_TYPE]).optional(),
    isSuccess: flag
      .optional()
      .meta({ description: "Only attempts that were or were not answered with 2xx." }),
    cursor: cursorOfField(id).optional(),
    limit: pageLimit,
  }),
  body: null,
  answer: {
    status: 200,
    schema: z.object({
      attempts: z.array(
        z
          .object({
            ...attemptFields,
            eventId: z.string().nullable().meta({ description: "Null for a test event." }),
            type: z.string(),
            attempt: z.int().meta({ description: "1 for the first." }),
          })
          .meta({ id: "WebhookAttempt" }),
      ),
      nextCursor: z.string().nullable(),
    }),
  },
});

export const resendWebhookEventsContract = defineContract({
  operation: "resendWebhookEvents",
  method: "POST",
  path: "/webhooks/{webhookId}/resend",
  scope: "webhooks:manage",
  params: webhookParams,
  query: none,
  body: z
    .union([
      z.strictObject({ eventId: z.string().max(100) }),
      z.strictObject({ since: z.iso.datetime({ offset: true }).transform((text) => new Date(text)) }),
    ])
    .meta({ examples: [{ since: "2026-12-03T00:00:00Z" }] }),
  answer: { status: 202, schema: null },
});

export const listWebhookEventsContract = defineContract({
  operation: "listWebhookEvents",
  method: "GET",
  path: "/webhook-events",
  scope: "events:read",
  params: none,
  query: z.strictObject({
    after: eventCursor.optional().meta({
      description: "`nextCursor` of the previous page. Default: from the oldest event, 30 days ago.",
    }),
    limit: pageLimit,
  }),
  body: null,
  answer: {
    status: 200,
    schema: z.object({
      events: z.array(eventAnswer).meta({ description: "The events that webhooks deliver, in order." }),
      nextCursor: z.string().meta({ description: "Keep it, also from the last page." }),
      hasMore: z.boolean(),
    }),
  },
  fails: [410],
});
