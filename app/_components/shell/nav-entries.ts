import { appAt, type ConsoleOrganization, type NavApp } from "./frame-data";

/** With more than these, the newest and the list of all are the better way. */
const APPS_SHOWN = 7;
const NEWEST_SHOWN = 5;

/** Which apps stand in the navigation: all while they are few, else the newest and the one that is open. */
export function shownApps(path: string, organization: ConsoleOrganization): readonly NavApp[] {
  if (organization.apps.length <= APPS_SHOWN) return organization.apps;
  const newest = organization.apps.slice(-NEWEST_SHOWN);
  const open = appAt(path, organization);
  return open && !newest.includes(open) ? [open, ...newest] : newest;
}

/** The app whose pages are named without being asked for: the one that is open, or the only one. */
export const openApp = (path: string, organization: ConsoleOrganization): NavApp | undefined =>
  organization.apps.length === 1 ? organization.apps[0] : appAt(path, organization);

/** The pages of an app, each a key under `nav` in `messages/`. */
export const APP_PAGES = [
  { page: "directory", part: "directory" },
  { page: "syncs", part: "syncs" },
  { page: "token", part: "token" },
  { page: "doctor", part: "doctor" },
  { page: "appSettings", part: "settings" },
] as const;

/** How many things wait for a person: apps that don't work, and plans that nobody has decided about. */
export const countAttention = ({ apps }: ConsoleOrganization): number =>
  apps.filter(({ state }) => state === "broken").length + apps.filter(({ isHeld }) => isHeld).length;
