import type { App } from "@/lib/dingtalk-apps/queries";

/** An app in the navigation, the breadcrumbs and the command palette. */
export type NavApp = {
  readonly id: string;
  readonly name: string;
  readonly appKey: string;
  readonly state: App["state"];
  /** The state in the user's language. */
  readonly stateLabel: string;
  /** One of its runs is held. */
  readonly isHeld: boolean;
};

/** The current organization and what the user may do in it. */
export type ConsoleOrganization = {
  readonly publicId: string;
  readonly name: string;
  /** Oldest first. */
  readonly apps: readonly NavApp[];
  readonly mayConnect: boolean;
  readonly mayChange: boolean;
  readonly maySync: boolean;
  readonly mayManageKeys: boolean;
};

export type OrganizationLink = { readonly publicId: string; readonly name: string };

/** The signed-in user. */
export type ConsoleUser = {
  readonly email: string;
  readonly organizations: readonly OrganizationLink[];
  /** Set if this server allows the user to create another organization. */
  readonly mayCreate: boolean;
};
