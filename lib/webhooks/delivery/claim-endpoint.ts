import "server-only";
import type { ClientBase } from "pg";
import type { EventType } from "@/lib/webhook-log/event-types";
import { type EndpointRef, openFor, openSecrets } from "../endpoints/endpoint-secrets";
import type { Position } from "../events/position";

/** Longer than a round, which ends before the last of its deliveries reaches its time limit. */
const CLAIM_MS = 60_000;

const CLAIM = `
  UPDATE webhook_endpoint SET claimed_by = $3, claimed_until = $5
  WHERE organization_id = $1 AND id = $2 AND disabled_at IS NULL
    AND (claimed_by IS NULL OR claimed_by = $3 OR claimed_until < $4)
  RETURNING types, is_for_all_apps AS "isForAllApps", app_ids AS "appIds", is_ordered AS "isOrdered",
    sealed_url AS "sealedUrl", sealed_secret AS "sealedSecret", sealed_previous_secret AS "sealedPreviousSecret",
    previous_secret_until AS "previousSecretUntil", cursor_sequence::float8 AS sequence, cursor_number AS number,
    failed_rounds AS "failedRounds", failing_since AS "failingSince", paused_until AS "pausedUntil"`;

const RELEASE =
  "UPDATE webhook_endpoint SET claimed_by = NULL WHERE organization_id = $1 AND id = $2 AND claimed_by = $3";

type Row = Position & {
  readonly types: readonly EventType[];
  readonly isForAllApps: boolean;
  readonly appIds: readonly string[];
  readonly isOrdered: boolean;
  readonly sealedUrl: Uint8Array;
  readonly sealedSecret: Uint8Array;
  readonly sealedPreviousSecret: Uint8Array | null;
  readonly previousSecretUntil: Date | null;
  readonly failedRounds: number;
  readonly failingSince: Date | null;
  readonly pausedUntil: Date | null;
};

export type Claim = EndpointRef & { readonly jobId: string };

const toEndpoint = (claim: Claim, row: Row, nowMs: number) => {
  const { sequence, number, isForAllApps, appIds, types, isOrdered } = row;
  return {
    types,
    appIds: isForAllApps ? null : appIds,
    isOrdered,
    cursor: { sequence, number },
    url: openFor(claim, "sealed_url", row.sealedUrl),
    secrets: openSecrets(claim, row, nowMs),
    failedRounds: row.failedRounds,
    failingSince: row.failingSince,
    pausedUntil: row.pausedUntil,
  };
};

export type ClaimedEndpoint = ReturnType<typeof toEndpoint>;

/** Claims an endpoint for a job, or extends its claim. @returns `null` if it is disabled, deleted or claimed by another job */
export async function claimEndpoint(
  client: ClientBase,
  claim: Claim,
  nowMs: number,
): Promise<ClaimedEndpoint | null> {
  const { organizationId, endpointId, jobId } = claim;
  const values = [organizationId, endpointId, jobId, new Date(nowMs), new Date(nowMs + CLAIM_MS)];
  const { rows } = await client.query<Row>(CLAIM, values);
  return rows[0] ? toEndpoint(claim, rows[0], nowMs) : null;
}

export const releaseEndpoint = (client: ClientBase, { organizationId, endpointId, jobId }: Claim) =>
  client.query(RELEASE, [organizationId, endpointId, jobId]);
