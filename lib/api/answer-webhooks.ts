import "server-only";
import { type ApiKey, mayUseApp } from "@/lib/api-keys/api-key";
import { AppError, notFound } from "@/lib/errors";
import { nextCursor } from "@/lib/pagination/cursor";
import { InvalidInput } from "@/lib/problems/problem-response";
import { listAttempts } from "@/lib/webhooks/delivery/attempts";
import { resendEvent, resendSince } from "@/lib/webhooks/delivery/resend";
import { sendTestEvent } from "@/lib/webhooks/delivery/send-test-event";
import {
  changeEndpoint,
  deleteEndpoint,
  disableEndpoint,
  enableEndpoint,
  rotateSecret,
} from "@/lib/webhooks/endpoints/change-endpoint";
import { type CreateFailure, createEndpoint } from "@/lib/webhooks/endpoints/create-endpoint";
import { type Endpoint, getEndpoint, listEndpoints } from "@/lib/webhooks/endpoints/queries";
import { listEvents } from "@/lib/webhooks/events/list-events";
import type { CallOf } from "./call";
import { toEventAnswer } from "./webhook-payloads";
import {
  type changeWebhookContract,
  type createWebhookContract,
  type deleteWebhookContract,
  type getWebhookContract,
  type listWebhookAttemptsContract,
  type listWebhookEventsContract,
  type listWebhooksContract,
  type resendWebhookEventsContract,
  type rotateWebhookSecretContract,
  type testWebhookContract,
  toWebhookAnswer,
} from "./webhooks";

/** A key for some apps may use only webhooks of these apps: others would deliver it the events of further apps. */
const mayUseAll = (key: ApiKey, appIds: readonly string[] | null): boolean =>
  key.appIds === null || (appIds?.every((appId) => mayUseApp(key, appId)) ?? false);

type WebhookCall = Pick<CallOf<typeof getWebhookContract>, "actor" | "key" | "params">;

async function findEndpoint({ actor, key, params: { webhookId } }: WebhookCall): Promise<Endpoint> {
  const endpoint = await getEndpoint(actor, webhookId);
  if (!mayUseAll(key, endpoint.appIds)) throw notFound("webhook");
  return endpoint;
}

function assertMayUse(key: ApiKey, appIds: readonly string[] | null | undefined): void {
  if (appIds !== undefined && !mayUseAll(key, appIds))
    throw new AppError("forbidden", "the key is for some apps only", { detail: "appIds" });
}

function toError(failure: CreateFailure): AppError {
  switch (failure.code) {
    case "url":
      return new InvalidInput([{ path: "url", message: failure.reason }]);
    case "no_such_app":
      return new InvalidInput([{ path: "appIds", message: "no such app" }]);
    case "too_many":
      return new AppError("conflict", "too many webhooks", { detail: `${failure.max} webhooks at most` });
  }
}

export async function answerWebhooks({ actor, key }: CallOf<typeof listWebhooksContract>) {
  const endpoints = await listEndpoints(actor);
  return { webhooks: endpoints.filter(({ appIds }) => mayUseAll(key, appIds)).map(toWebhookAnswer) };
}

export async function answerCreate({ actor, key, body }: CallOf<typeof createWebhookContract>) {
  assertMayUse(key, body.appIds);
  const created = await createEndpoint(actor, body);
  if (!created.ok) throw toError(created.error);
  const { endpointId, secret } = created.value;
  return { ...toWebhookAnswer(await getEndpoint(actor, endpointId)), secret: secret.reveal() };
}

export const answerWebhook = async (call: CallOf<typeof getWebhookContract>) =>
  toWebhookAnswer(await findEndpoint(call));

export async function answerChange(call: CallOf<typeof changeWebhookContract>) {
  const { actor, key, params, body } = call;
  const { id } = await findEndpoint(call);
  const { isEnabled, ...changes } = body;
  assertMayUse(key, changes.appIds);
  const changed = await changeEndpoint(actor, id, changes);
  if (!changed.ok) throw toError(changed.error);
  if (isEnabled !== undefined) await (isEnabled ? enableEndpoint : disableEndpoint)(actor, id);
  return toWebhookAnswer(await getEndpoint(actor, params.webhookId));
}

export async function answerDelete(call: CallOf<typeof deleteWebhookContract>) {
  const { id } = await findEndpoint(call);
  await deleteEndpoint(call.actor, id);
  return null;
}

export async function answerRotate(call: CallOf<typeof rotateWebhookSecretContract>) {
  const { id } = await findEndpoint(call);
  const { secret, previousSecretUntil } = await rotateSecret(call.actor, id);
  return { secret: secret.reveal(), previousSecretUntil };
}

export async function answerTest(call: CallOf<typeof testWebhookContract>) {
  const { id } = await findEndpoint(call);
  return sendTestEvent(call.actor, id);
}

export async function answerAttempts(call: CallOf<typeof listWebhookAttemptsContract>) {
  const { id } = await findEndpoint(call);
  const { cursor, ...query } = call.query;
  const { attempts, next } = await listAttempts(call.actor, id, { ...query, before: cursor });
  return { attempts: [...attempts], nextCursor: nextCursor(next) };
}

export async function answerResend(call: CallOf<typeof resendWebhookEventsContract>) {
  const { id } = await findEndpoint(call);
  const { actor, body } = call;
  if ("eventId" in body) await resendEvent(actor, id, body.eventId);
  else await resendSince(actor, id, body.since);
  return null;
}

export async function answerEvents({ actor, key, query }: CallOf<typeof listWebhookEventsContract>) {
  const appIds = key.appIds && [...key.appIds];
  const { events, ...page } = await listEvents(actor, { ...query, appIds });
  return { events: events.map(toEventAnswer), ...page };
}
