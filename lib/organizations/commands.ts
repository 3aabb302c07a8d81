import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";

/** Renames the organization, including the copies of its name in memberships. */
export async function renameOrganization(actor: Actor<"organization.rename">, name: string): Promise<void> {
  const { organizationId } = actor;
  await inOrganization(actor, async (tx) => {
    const { count } = await tx.organization.updateMany({ where: { organizationId }, data: { name } });
    if (count === 0) throw notFound("organization");
    await tx.membership.updateMany({ where: { organizationId }, data: { organizationName: name } });
  });
}

/** Sets the time zone in which times are shown. @param timeZone a name from `canonicalTimeZone` */
export async function setTimeZone(actor: Actor<"organization.setTimeZone">, timeZone: string): Promise<void> {
  const { organizationId } = actor;
  await inOrganization(actor, (tx) =>
    tx.organization.update({ where: { organizationId }, data: { timeZone } }),
  );
}
