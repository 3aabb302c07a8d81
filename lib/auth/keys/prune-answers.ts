import "server-only";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import { KEPT_MS } from "./answer-once";

const BATCH = 1_000;

const DELETE = `
  DELETE FROM idempotent_answer WHERE organization_id = $1 AND id IN (
    SELECT id FROM idempotent_answer WHERE organization_id = $1 AND created_at < $2 LIMIT $3)`;

/** Takes away the answers that aren't given again any more, in batches. */
export async function pruneAnswers(
  organizationId: string,
  { nowMs = Date.now(), batch = BATCH }: { nowMs?: number; batch?: number } = {},
): Promise<void> {
  const before = new Date(nowMs - KEPT_MS);
  for (let deleted = batch; deleted >= batch; ) {
    const { rowCount } = await inOrganizationSql(
      { organizationId },
      (client) => client.query(DELETE, [organizationId, before, batch]),
      LIMITS.bulk,
    );
    deleted = rowCount ?? 0;
  }
}
