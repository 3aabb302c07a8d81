import type { App } from "@/lib/dingtalk-apps/queries";

/** An app as the frame knows it: for its links, crumbs and what is found by typing. */
export type PlaceApp = {
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
export type ConsolePlace = {
  /** Its public id. */
  readonly organization: string;
  readonly name: string;
  /** The oldest first. */
  readonly apps: readonly PlaceApp[];
  readonly mayConnect: boolean;
  readonly mayChange: boolean;
  readonly maySync: boolean;
  readonly mayManageKeys: boolean;
};

/** One of a person's organizations. */
export type OtherOrganization = { readonly publicId: string; readonly name: string };

/** Who is signed in, and where they may go. */
export type ConsolePerson = {
  readonly email: string;
  readonly organizations: readonly OtherOrganization[];
  /** Whether this server lets them make a further organization. */
  readonly mayCreate: boolean;
};

/** The app whose pages a path is among; `undefined` for one that isn't the organization's. */
export function appAt(path: string, { organization, apps }: ConsolePlace): PlaceApp | undefined {
  const [, o, own, list, id] = path.split("/");
  if (o !== "o" || own !== organization || list !== "apps") return undefined;
  return apps.find((app) => app.id === id);
}
