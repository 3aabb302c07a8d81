import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { emailOf } from "@/lib/auth/actor-name";
import { notify } from "@/lib/db/notifications";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { KEY_NOTICE } from "./key-cache";

/**
 * Revokes a key. Every process with a database connection rejects it within a second. @throws {AppError} `not_found`
 */
export async function revokeKey(actor: Actor<"key.manage">, keyId: string): Promise<void> {
  if (!isUuid(keyId)) throw notFound("key");
  const { organizationId } = actor;
  await inOrganization(actor, async (tx) => {
    const by = await emailOf(tx, actor);
    const { count } = await tx.apiKey.updateMany({
      where: { organizationId, id: keyId, revokedAt: null },
      data: { revokedAt: new Date(), revokedBy: by },
    });
    if (
      count === 0 &&
      !(await tx.apiKey.findFirst({ where: { organizationId, id: keyId }, select: { id: true } }))
    ) {
      throw notFound("key");
    }
    await notify(tx, { kind: KEY_NOTICE, organizationId, id: keyId });
  });
}

/** Announces the keys of an organization that is deleted, so that no process uses a cached one. */
export async function announceDeletedKeys(tx: Tx, organizationId: string): Promise<void> {
  const keys = await tx.apiKey.findMany({ where: { organizationId, revokedAt: null }, select: { id: true } });
  for (const { id } of keys) await notify(tx, { kind: KEY_NOTICE, organizationId, id });
}
