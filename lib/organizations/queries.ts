import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/role";
import type { SignedIn } from "@/lib/auth/sessions";
import { asPerson, inOrganization } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { toPublicId } from "@/lib/public-id";

/** One of a person's organizations, for the switcher. */
export type OrganizationEntry = { readonly publicId: string; readonly name: string; readonly role: Role };

/** A person's organizations by name, in their own language's order. */
export async function listOrganizations(
  { userId }: Pick<SignedIn, "userId">,
  locale: string,
): Promise<OrganizationEntry[]> {
  const rows = await asPerson({ userId }, (tx) =>
    tx.membership.findMany({
      where: { userId },
      select: { organizationId: true, organizationName: true, role: true },
    }),
  );
  const collator = new Intl.Collator(locale);
  return rows
    .map((row) => ({ publicId: toPublicId(row.organizationId), name: row.organizationName, role: row.role }))
    .sort((a, b) => collator.compare(a.name, b.name));
}

export type Organization = {
  readonly publicId: string;
  readonly name: string;
  readonly timeZone: string;
  /** Whether what is personal of members is kept. */
  readonly keepsPersonal: boolean;
};

/** @throws {AppError} `not_found` */
export async function getOrganization({ organizationId }: Actor<"organization.read">): Promise<Organization> {
  const row = await inOrganization({ organizationId }, (tx) =>
    tx.organization.findUnique({
      where: { organizationId },
      select: { name: true, timeZone: true, keepsPersonal: true },
    }),
  );
  if (!row) throw notFound("organization");
  return { publicId: toPublicId(organizationId), ...row };
}
