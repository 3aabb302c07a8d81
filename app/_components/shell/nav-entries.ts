import type { ConsoleOrganization, NavApp } from "./frame-types";

/** Above this number, the navigation shows only the newest apps and a link to all. */
const APPS_SHOWN = 7;
const NEWEST_SHOWN = 5;

/** Returns the app that a path belongs to; `undefined` for an app of another organization. */
export function appAt(path: string, { publicId, apps }: ConsoleOrganization): NavApp | undefined {
  const [, o, own, list, id] = path.split("/");
  if (o !== "o" || own !== publicId || list !== "apps") return undefined;
  return apps.find((app) => app.id === id);
}

/** Returns the apps in the navigation: all, or the newest plus the open one. */
export function shownApps(path: string, organization: ConsoleOrganization): readonly NavApp[] {
  if (organization.apps.length <= APPS_SHOWN) return organization.apps;
  const newest = organization.apps.slice(-NEWEST_SHOWN);
  const open = appAt(path, organization);
  return open && !newest.includes(open) ? [open, ...newest] : newest;
}

/** Returns the app whose pages the navigation lists: the open one, or the only one. */
export const openApp = (path: string, organization: ConsoleOrganization): NavApp | undefined =>
  organization.apps.length === 1 ? organization.apps[0] : appAt(path, organization);

/** An app's pages: keys under `nav` in `messages/`. */
export const APP_PAGES = [
  { page: "directory", part: "directory" },
  { page: "syncs", part: "syncs" },
  { page: "events", part: "events" },
  { page: "token", part: "token" },
  { page: "doctor", part: "doctor" },
  { page: "appSettings", part: "settings" },
] as const;

/** Counts broken apps and held runs. */
export const countAttention = ({ apps }: ConsoleOrganization): number =>
  apps.filter(({ state }) => state === "broken").length + apps.filter(({ isHeld }) => isHeld).length;
