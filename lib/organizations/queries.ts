import "server-only";
import { cache } from "react";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/role";
import type { SignedIn } from "@/lib/auth/sessions";
import { readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { toPublicId } from "@/lib/public-id";

export type OrganizationEntry = { readonly publicId: string; readonly name: string; readonly role: Role };

type MembershipRow = { readonly organizationId: string; readonly name: string; readonly role: Role };

const READ_MEMBERSHIPS = `
  SELECT organization_id AS "organizationId", organization_name AS name, role FROM memberships WHERE user_id = $1`;

const readMemberships = cache((userId: string) =>
  readTogether<MembershipRow>({ userId }, READ_MEMBERSHIPS, [userId]),
);

export async function listOrganizations(
  { userId }: Pick<SignedIn, "userId">,
  locale: string,
): Promise<OrganizationEntry[]> {
  const rows = await readMemberships(userId);
  const collator = new Intl.Collator(locale);
  return rows
    .map(({ organizationId, name, role }) => ({ publicId: toPublicId(organizationId), name, role }))
    .sort((a, b) => collator.compare(a.name, b.name));
}

export type Organization = {
  readonly publicId: string;
  readonly name: string;
  readonly timeZone: string;
  readonly keepsPersonal: boolean;
};

const READ = `
  SELECT name, time_zone AS "timeZone", keeps_personal AS "keepsPersonal" FROM organization WHERE organization_id = $1`;

const readOrganization = cache((organizationId: string) =>
  readTogether<Omit<Organization, "publicId">>({ organizationId }, READ, [organizationId]),
);

export async function getOrganization({ organizationId }: Actor<"organization.read">): Promise<Organization> {
  const [row] = await readOrganization(organizationId);
  if (!row) throw notFound("organization");
  return { publicId: toPublicId(organizationId), ...row };
}
