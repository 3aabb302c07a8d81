import type { OtherOrganization } from "./frame-data";

/** Holds the organization that this browser showed last. It decides nothing but where one begins. */
export const ORGANIZATION_COOKIE = "dingkeep.organization";

/** The one of a person's organizations that they were at last, else the first. */
export const lastOrganization = <Entry extends OtherOrganization>(
  organizations: readonly Entry[],
  kept: string | undefined,
): Entry | undefined => organizations.find(({ publicId }) => publicId === kept) ?? organizations[0];
