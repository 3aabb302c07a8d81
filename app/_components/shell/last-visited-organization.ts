import { cookies } from "next/headers";
import { getLocale } from "next-intl/server";
import type { SignedIn } from "@/lib/auth/sessions";
import { listOrganizations, type OrganizationEntry } from "@/lib/organizations/queries";
import { ORGANIZATION_COOKIE } from "../preferences/preference-cookies";

/** Returns the user's organization that this browser showed last, or else the first. */
export async function lastVisitedOrganization(who: SignedIn): Promise<OrganizationEntry | undefined> {
  const organizations = await listOrganizations(who, await getLocale());
  const publicId = (await cookies()).get(ORGANIZATION_COOKIE)?.value;
  return organizations.find((one) => one.publicId === publicId) ?? organizations[0];
}
