import "server-only";
import type { Tx } from "@/lib/db/unit-of-work";
import type { Actor, Caller } from "./actor";

/** Returns the user's e-mail for records that outlive the user; `null` when the system acts. */
export async function emailOf(
  tx: Tx,
  { organizationId, userId }: Pick<Caller, "organizationId" | "userId">,
): Promise<string | null> {
  if (userId === null) return null;
  const membership = await tx.membership.findUnique({
    where: { organizationId_userId: { organizationId, userId } },
    select: { email: true },
  });
  return membership?.email ?? null;
}

export async function keyNameOf(
  tx: Tx,
  { organizationId, keyId }: Pick<Actor, "organizationId" | "keyId">,
): Promise<string | null> {
  if (keyId === null) return null;
  const where = { organizationId_id: { organizationId, id: keyId } };
  return (await tx.apiKey.findUnique({ where, select: { name: true } }))?.name ?? null;
}
