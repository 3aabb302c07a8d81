"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import type { FormFailure } from "@/lib/action-state";
import { defineAction } from "@/lib/actions/define-action";
import { err, ok } from "@/lib/result";
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
import { changeWebhookInput, createWebhookInput, resendSinceInput } from "@/lib/webhooks/endpoints/schema";

const PAGES = "/o/[organization]/webhooks";
const webhookId = { webhook: z.string() };

function toFormFailure(failure: CreateFailure): FormFailure {
  if (failure.code === "too_many")
    return { message: { key: "webhooks.tooMany", values: { max: failure.max } } };
  const fieldErrors =
    failure.code === "url"
      ? { url: { key: `webhooks.urlRefused.${failure.reason}` } }
      : { apps: { key: "webhooks.appGone" } };
  return { message: { key: "validation.form" }, fieldErrors };
}

/** This answer and that of `rotateWebhookSecretAction` are the only ones that contain the secret. */
export const createWebhookAction = defineAction(
  { permission: "webhook.manage", input: createWebhookInput, isDangerous: true },
  async (actor, { apps, ...input }) => {
    const created = await createEndpoint(actor, { ...input, appIds: apps });
    if (!created.ok) return err(toFormFailure(created.error));
    const { endpointId, secret } = created.value;
    return ok({ webhook: endpointId, secret: secret.reveal() });
  },
);

export const changeWebhookAction = defineAction(
  { permission: "webhook.manage", input: changeWebhookInput, isDangerous: true },
  async (actor, { webhook, apps, ...changes }) => {
    const changed = await changeEndpoint(actor, webhook, { ...changes, appIds: apps });
    if (!changed.ok) return err(toFormFailure(changed.error));
    revalidatePath(PAGES, "layout");
    return ok(null);
  },
);

export const rotateWebhookSecretAction = defineAction(
  { permission: "webhook.manage", input: z.object(webhookId), isDangerous: true },
  async (actor, { webhook }) => {
    const { secret } = await rotateSecret(actor, webhook);
    revalidatePath(PAGES, "layout");
    return ok({ secret: secret.reveal() });
  },
);

export const enableWebhookAction = defineAction(
  { permission: "webhook.manage", input: z.object(webhookId) },
  async (actor, { webhook }) => {
    await enableEndpoint(actor, webhook);
    revalidatePath(PAGES, "layout");
    return ok(null);
  },
);

export const disableWebhookAction = defineAction(
  { permission: "webhook.manage", input: z.object(webhookId) },
  async (actor, { webhook }) => {
    await disableEndpoint(actor, webhook);
    revalidatePath(PAGES, "layout");
    return ok(null);
  },
);

export const deleteWebhookAction = defineAction(
  { permission: "webhook.manage", input: z.object(webhookId), isDangerous: true },
  async (actor, { webhook }) => {
    await deleteEndpoint(actor, webhook);
    return ok(null);
  },
);

export const testWebhookAction = defineAction(
  { permission: "webhook.manage", input: z.object(webhookId) },
  async (actor, { webhook }) => {
    const { status, failure, durationMs, answer } = await sendTestEvent(actor, webhook);
    revalidatePath(PAGES, "layout");
    return ok({ status, failure, durationMs, answer });
  },
);

export const resendEventAction = defineAction(
  { permission: "webhook.manage", input: z.object({ ...webhookId, event: z.string() }) },
  async (actor, { webhook, event }) => {
    await resendEvent(actor, webhook, event);
    revalidatePath(PAGES, "layout");
    return ok(null);
  },
);

const HOUR_MS = 60 * 60_000;

export const resendSinceAction = defineAction(
  { permission: "webhook.manage", input: resendSinceInput },
  async (actor, { webhook, hours }) => {
    await resendSince(actor, webhook, new Date(Date.now() - hours * HOUR_MS));
    return ok(null);
  },
);
