import type { OrganizationLink } from "./frame-data";

/** Public id of the organization that this browser showed last. It grants nothing and only selects the start page. */
export const ORGANIZATION_COOKIE = "dingkeep.organization";

/** Returns the organization visited last, or else the first. */
export const lastOrganization = <Entry extends OrganizationLink>(
  organizations: readonly Entry[],
  kept: string | undefined,
): Entry | undefined => organizations.find(({ publicId }) => publicId === kept) ?? organizations[0];
