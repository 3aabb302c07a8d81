import type { App } from "@/lib/dingtalk-apps/queries";

/** An app as the frame knows it: for its links, crumbs and what is found by typing. */
export type NavApp = {
  readonly id: string;
  readonly name: string;
  readonly appKey: string;
  readonly state: App["state"];
  /** The state in the person's language. */
  readonly stateWord: string;
  /** A run of it waits for a decision. */
  readonly isHeld: boolean;
};

/** The organization whose pages are shown, and what its member may do there: what is forbidden isn't offered. */
export type ConsoleOrganization = {
  readonly publicId: string;
  readonly name: string;
  /** The oldest first. */
  readonly apps: readonly NavApp[];
  readonly mayConnect: boolean;
  readonly mayChange: boolean;
  readonly maySync: boolean;
  readonly mayManageKeys: boolean;
};

/** One of a person's organizations. */
export type OrganizationLink = { readonly publicId: string; readonly name: string };

/** Who is signed in, and where they may go. */
export type ConsoleUser = {
  readonly email: string;
  readonly organizations: readonly OrganizationLink[];
  /** Whether this server lets them make a further organization. */
  readonly mayCreate: boolean;
};

/** The app whose pages a path is among; `undefined` for one that isn't the organization's. */
export function appAt(path: string, { publicId, apps }: ConsoleOrganization): NavApp | undefined {
  const [, o, own, list, id] = path.split("/");
  if (o !== "o" || own !== publicId || list !== "apps") return undefined;
  return apps.find((app) => app.id === id);
}

/** Holds the organization that this browser showed last. It decides nothing but where one begins. */
export const ORGANIZATION_COOKIE = "dingkeep.organization";

/** The one of a person's organizations that they were at last, else the first. */
export const lastOrganization = <Entry extends OrganizationLink>(
  organizations: readonly Entry[],
  kept: string | undefined,
): Entry | undefined => organizations.find(({ publicId }) => publicId === kept) ?? organizations[0];
