import "server-only";
import { announceDeletedKeys } from "@/lib/api-keys/revoke-key";
import type { Actor } from "@/lib/auth/actor";
import { forgetCalls } from "@/lib/calls/log/prune-calls";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { queueErasure } from "@/lib/directory/retention/erase-directory";
import { dropQueuedSyncs } from "@/lib/directory/runs/queue";
import { notFound } from "@/lib/errors";
import { err, ok, type Result } from "@/lib/result";
import { clearTokens } from "@/lib/tokens/renewal/discard-token";
import { isTypedName } from "@/lib/typed-name";
import { deleteOrganizationId } from "./delete-organization-id";

async function nameOf(tx: Tx, organizationId: string): Promise<string> {
  const found = await tx.organization.findUnique({ where: { organizationId }, select: { name: true } });
  if (!found) throw notFound("organization");
  return found.name;
}

async function queueErasures(tx: Tx, organizationId: string): Promise<void> {
  const apps = await tx.dingtalkApp.findMany({ where: { organizationId }, select: { id: true } });
  for (const { id: appId } of apps) await queueErasure(tx, { organizationId, appId });
}

/** Deletes the organization and its rows. Jobs erase its directories and then its id. Its users stay. */
export async function deleteOrganization(
  actor: Actor<"organization.delete">,
  typed: string,
): Promise<Result<{ name: string }, "typed_wrong">> {
  const { organizationId } = actor;
  const name = await inOrganization(actor, (tx) => nameOf(tx, organizationId));
  if (!isTypedName(typed, name)) return err("typed_wrong");
  await forgetCalls(organizationId);
  await inOrganization(actor, async (tx) => {
    await dropQueuedSyncs(tx, organizationId);
    await clearTokens(tx, organizationId);
    await announceDeletedKeys(tx, organizationId);
    await queueErasures(tx, organizationId);
    // The second of two concurrent deletions fails here.
    const { count } = await tx.organization.deleteMany({ where: { organizationId } });
    if (count === 0) throw notFound("organization");
    await tx.membership.deleteMany({ where: { organizationId } });
  });
  await deleteOrganizationId(organizationId);
  return ok({ name });
}
