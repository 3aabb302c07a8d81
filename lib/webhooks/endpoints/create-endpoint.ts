import "server-only";
import { v7 as newId } from "uuid";
import type { Actor } from "@/lib/auth/actor";
import { emailOf, keyNameOf } from "@/lib/auth/actor-name";
import { inOrganization, inOrganizationSql, type Tx } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { sendJob } from "@/lib/jobs/send-job";
import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { makeWebhookSecret } from "../delivery/signature";
import { numberEvents } from "../events/number-events";
import { afterRow } from "../events/position";
import { findAppFailure, findUrlFailure, type InputFailure } from "./check-input";
import { sealFor } from "./endpoint-secrets";
import type { EndpointInput } from "./schema";

export type CreateFailure = InputFailure | { readonly code: "too_many"; readonly max: number };

/** Longer than a unit of work that was open when the endpoint was created, and so sent no job for it. */
const FIRST_JOB_MS = 60_000;

async function findObstacle(
  tx: Tx,
  organizationId: string,
  { appIds }: EndpointInput,
): Promise<CreateFailure | null> {
  // The lock stops concurrent calls from exceeding MAX_ENDPOINTS together.
  await tx.$queryRaw`SELECT 1 FROM organization WHERE organization_id = ${organizationId}::uuid FOR UPDATE`;
  const count = await tx.webhookEndpoint.count({ where: { organizationId } });
  if (count >= env().MAX_ENDPOINTS) return { code: "too_many", max: env().MAX_ENDPOINTS };
  return findAppFailure(tx, organizationId, appIds);
}

/** Creates an endpoint, which gets the events from now on. Only the return value contains the secret itself. */
export async function createEndpoint(
  actor: Actor<"webhook.manage">,
  input: EndpointInput,
): Promise<Result<{ readonly endpointId: string; readonly secret: Redacted }, CreateFailure>> {
  const { organizationId } = actor;
  const refused = await findUrlFailure(input.url);
  if (refused) return err(refused);
  const { last } = await inOrganizationSql(actor, (client) => numberEvents(client, organizationId));
  const start = afterRow(last);
  const endpoint = { organizationId, endpointId: newId() };
  const secret = makeWebhookSecret();
  return inOrganization(actor, async (tx) => {
    const obstacle = await findObstacle(tx, organizationId, input);
    if (obstacle) return err(obstacle);
    const { types, appIds, isOrdered, url } = input;
    await tx.webhookEndpoint.create({
      data: {
        organizationId,
        id: endpoint.endpointId,
        types,
        isForAllApps: appIds === null,
        appIds: appIds ?? [],
        isOrdered,
        sealedUrl: sealFor(endpoint, "sealed_url", new Redacted(url)),
        sealedSecret: sealFor(endpoint, "sealed_secret", secret),
        cursorSequence: start.sequence,
        cursorNumber: start.number,
        createdBy: (await emailOf(tx, actor)) ?? (await keyNameOf(tx, actor)),
      },
    });
    const startAfter = new Date(Date.now() + FIRST_JOB_MS);
    await sendJob("webhook.deliver", endpoint, { tx, startAfter, group: organizationId });
    return ok({ endpointId: endpoint.endpointId, secret });
  });
}
