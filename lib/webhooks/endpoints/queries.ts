import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { EventType } from "@/lib/webhook-log/event-types";
import type { WebhookEndpoint } from "@/prisma/generated/client";
import { openFor } from "./endpoint-secrets";

export type Endpoint = {
  readonly id: string;
  /** Without the query, which may contain a token. */
  readonly url: string;
  readonly types: readonly EventType[];
  /** `null` for all apps, including later ones. */
  readonly appIds: readonly string[] | null;
  readonly isOrdered: boolean;
  /** `failing`: no delivery has succeeded since `failingSince`. */
  readonly state: "enabled" | "failing" | "disabled";
  readonly failingSince: Date | null;
  readonly disabledAt: Date | null;
  readonly disabledBy: string | null;
  /** `gone`: the receiver answered with 410; `failing`: five days of failures. */
  readonly disabledFor: "person" | "gone" | "failing" | null;
  readonly previousSecretUntil: Date | null;
  readonly createdAt: Date;
  readonly createdBy: string | null;
};

function toShownUrl(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname}${url.search === "" ? "" : "?…"}`;
}

function toEndpoint(row: WebhookEndpoint, nowMs: number): Endpoint {
  const { organizationId, id, disabledAt, failingSince, previousSecretUntil } = row;
  const url = openFor({ organizationId, endpointId: id }, "sealed_url", row.sealedUrl);
  const isOverlapping = previousSecretUntil !== null && previousSecretUntil.getTime() > nowMs;
  return {
    id,
    url: toShownUrl(url.reveal()),
    types: row.types as EventType[],
    appIds: row.isForAllApps ? null : row.appIds,
    isOrdered: row.isOrdered,
    state: disabledAt ? "disabled" : failingSince ? "failing" : "enabled",
    failingSince,
    disabledAt,
    disabledBy: row.disabledBy,
    disabledFor: row.disabledFor as Endpoint["disabledFor"],
    previousSecretUntil: isOverlapping ? previousSecretUntil : null,
    createdAt: row.createdAt,
    createdBy: row.createdBy,
  };
}

export async function listEndpoints({ organizationId }: Actor<"webhook.read">): Promise<Endpoint[]> {
  const rows = await inOrganization({ organizationId }, (tx) =>
    tx.webhookEndpoint.findMany({ where: { organizationId }, orderBy: { id: "asc" } }),
  );
  return rows.map((row) => toEndpoint(row, Date.now()));
}

/** @throws {AppError} `not_found` */
export async function getEndpoint(
  { organizationId }: Actor<"webhook.read">,
  endpointId: string,
): Promise<Endpoint> {
  if (!isUuid(endpointId)) throw notFound("webhook");
  const where = { organizationId_id: { organizationId, id: endpointId } };
  const row = await inOrganization({ organizationId }, (tx) => tx.webhookEndpoint.findUnique({ where }));
  if (!row) throw notFound("webhook");
  return toEndpoint(row, Date.now());
}
