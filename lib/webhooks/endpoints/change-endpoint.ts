import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { emailOf, keyNameOf } from "@/lib/auth/actor-name";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { sendJob } from "@/lib/jobs/send-job";
import { endDisabledWebhook } from "@/lib/notices/record-webhook";
import { isUuid } from "@/lib/public-id";
import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { deliveryJobKey } from "@/lib/webhook-log/record-event";
import type { Prisma } from "@/prisma/generated/client";
import { makeWebhookSecret } from "../delivery/signature";
import { findAppFailure, findUrlFailure, type InputFailure } from "./check-input";
import { openFor, sealFor } from "./endpoint-secrets";
import type { EndpointInput } from "./schema";

type Manager = Actor<"webhook.manage">;

/** Time in which messages are signed with the previous secret too. */
const OVERLAP_MS = 24 * 60 * 60_000;

async function update(
  tx: Tx,
  { organizationId }: Manager,
  endpointId: string,
  data: Prisma.WebhookEndpointUpdateManyMutationInput,
): Promise<void> {
  const { count } = await tx.webhookEndpoint.updateMany({ where: { organizationId, id: endpointId }, data });
  if (count === 0) throw notFound("webhook");
}

type EndpointChanges = { readonly [Key in keyof EndpointInput]?: EndpointInput[Key] | undefined };

/** Changes the given fields. @throws {AppError} `not_found` */
export async function changeEndpoint(
  actor: Manager,
  endpointId: string,
  changes: EndpointChanges,
): Promise<Result<null, InputFailure>> {
  if (!isUuid(endpointId)) throw notFound("webhook");
  const { organizationId } = actor;
  const { url, appIds, types, isOrdered } = changes;
  const refused = url === undefined ? null : await findUrlFailure(url);
  if (refused) return err(refused);
  return inOrganization(actor, async (tx) => {
    const obstacle = appIds === undefined ? null : await findAppFailure(tx, organizationId, appIds);
    if (obstacle) return err(obstacle);
    await update(tx, actor, endpointId, {
      ...(types && { types }),
      ...(appIds !== undefined && { isForAllApps: appIds === null, appIds: appIds ?? [] }),
      ...(isOrdered !== undefined && { isOrdered }),
      ...(url !== undefined && {
        sealedUrl: sealFor({ organizationId, endpointId }, "sealed_url", new Redacted(url)),
        pausedUntil: null,
        failedRounds: 0,
      }),
    });
    return ok(null);
  });
}

/** Stops deliveries. Events are kept for 30 days. @throws {AppError} `not_found` */
export async function disableEndpoint(actor: Manager, endpointId: string): Promise<void> {
  if (!isUuid(endpointId)) throw notFound("webhook");
  const { organizationId } = actor;
  await inOrganization(actor, async (tx) => {
    const disabledBy = (await emailOf(tx, actor)) ?? (await keyNameOf(tx, actor));
    const { count } = await tx.webhookEndpoint.updateMany({
      where: { organizationId, id: endpointId, disabledAt: null },
      data: { disabledAt: new Date(), disabledBy, disabledFor: "person" },
    });
    // Disabling a disabled one changes nothing.
    if (count === 0) await update(tx, actor, endpointId, {});
  });
}

/** Continues deliveries after the last event that was delivered. @throws {AppError} `not_found` */
export async function enableEndpoint(actor: Manager, endpointId: string): Promise<void> {
  if (!isUuid(endpointId)) throw notFound("webhook");
  const { organizationId } = actor;
  await inOrganization(actor, async (tx) => {
    await update(tx, actor, endpointId, {
      disabledAt: null,
      disabledBy: null,
      disabledFor: null,
      failingSince: null,
      failedRounds: 0,
      pausedUntil: null,
      claimedBy: null,
    });
    await endDisabledWebhook(tx, { organizationId, webhookId: endpointId }, new Date());
    const singletonKey = deliveryJobKey(organizationId, endpointId);
    const options = { tx, singletonKey, group: organizationId };
    await sendJob("webhook.deliver", { organizationId, endpointId }, options);
  });
}

export type RotatedSecret = { readonly secret: Redacted; readonly previousSecretUntil: Date };

/** Replaces the secret. The previous one signs too for 24 hours. @throws {AppError} `not_found` */
export async function rotateSecret(actor: Manager, endpointId: string): Promise<RotatedSecret> {
  if (!isUuid(endpointId)) throw notFound("webhook");
  const endpoint = { organizationId: actor.organizationId, endpointId };
  const secret = makeWebhookSecret();
  const previousSecretUntil = new Date(Date.now() + OVERLAP_MS);
  return inOrganization(actor, async (tx) => {
    const where = { organizationId_id: { organizationId: actor.organizationId, id: endpointId } };
    const row = await tx.webhookEndpoint.findUnique({ where, select: { sealedSecret: true } });
    if (!row) throw notFound("webhook");
    const previous = openFor(endpoint, "sealed_secret", row.sealedSecret);
    await update(tx, actor, endpointId, {
      sealedSecret: sealFor(endpoint, "sealed_secret", secret),
      sealedPreviousSecret: sealFor(endpoint, "sealed_previous_secret", previous),
      previousSecretUntil,
    });
    return { secret, previousSecretUntil };
  });
}

/** Deletes an endpoint. Housekeeping deletes its deliveries. @throws {AppError} `not_found` */
export async function deleteEndpoint(actor: Manager, endpointId: string): Promise<void> {
  if (!isUuid(endpointId)) throw notFound("webhook");
  const { organizationId } = actor;
  await inOrganization(actor, async (tx) => {
    const { count } = await tx.webhookEndpoint.deleteMany({ where: { organizationId, id: endpointId } });
    if (count === 0) throw notFound("webhook");
  });
}
