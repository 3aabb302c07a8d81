import "server-only";
import type { Tx } from "@/lib/db/unit-of-work";
import type { Actor } from "./actor";

/** The key's name as it is now, for what keeps it when it is gone; `null` when no key calls. */
export async function keyNameOf(
  tx: Tx,
  { organizationId, keyId }: Pick<Actor, "organizationId" | "keyId">,
): Promise<string | null> {
  if (keyId === null) return null;
  const where = { organizationId_id: { organizationId, id: keyId } };
  return (await tx.apiKey.findUnique({ where, select: { name: true } }))?.name ?? null;
}
