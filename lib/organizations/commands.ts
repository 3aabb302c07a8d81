import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { err, ok, type Result } from "@/lib/result";

/** Gives the organization another name, in the copies that memberships keep too. */
export async function renameOrganization(actor: Actor<"organization.rename">, name: string): Promise<void> {
  const { organizationId } = actor;
  await inOrganization(actor, async (tx) => {
    await tx.organization.update({ where: { organizationId }, data: { name } });
    await tx.membership.updateMany({ where: { organizationId }, data: { organizationName: name } });
  });
}

/** Whether what was typed is the shown name, as people see it: trimmed, in one Unicode form (S25). */
export const isTypedName = (typed: string, shown: string): boolean =>
  typed.trim().normalize("NFC") === shown.trim().normalize("NFC");

/**
 * Deletes the organization and everything that hangs from it, at once. Its people stay; where it was their
 * only one, they can make another.
 */
export async function deleteOrganization(
  actor: Actor<"organization.delete">,
  typed: string,
): Promise<Result<{ name: string }, "typed_wrong">> {
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const { name } = await tx.organization.findUniqueOrThrow({
      where: { organizationId },
      select: { name: true },
    });
    if (!isTypedName(typed, name)) return err("typed_wrong");
    await tx.organizationId.delete({ where: { id: organizationId } });
    return ok({ name });
  });
}
