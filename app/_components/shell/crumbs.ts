import type { ConsoleOrganization } from "./frame-data";

/** What the pages of the console are called; each is a key under `nav` in `messages/`. */
type PageName =
  | "overview"
  | "apps"
  | "connect"
  | "directory"
  | "compare"
  | "removed"
  | "syncs"
  | "token"
  | "doctor"
  | "appSettings"
  | "mapping"
  | "directorySettings"
  | "apiKeys"
  | "calls"
  | "createKey"
  | "settings"
  | "account"
  | "newOrganization";

/** One step on the way to a page. */
export type Crumb = {
  readonly href: string;
} & (
  | { readonly is: "page"; readonly page: PageName }
  | { readonly is: "app"; readonly name: string }
  /** Known by its page alone, which says it (`SetPageTitle`). */
  | { readonly is: "run" }
);

const OF_APP = new Map<string, PageName>([
  ["directory", "directory"],
  ["directory/compare", "compare"],
  ["directory/removed", "removed"],
  ["syncs", "syncs"],
  ["token", "token"],
  ["doctor", "doctor"],
  ["settings", "appSettings"],
  ["settings/directory", "directorySettings"],
  ["settings/mapping", "mapping"],
]);

const page = (href: string, name: PageName): Crumb => ({ is: "page", href, page: name });

/** Below `/o/[organization]/apps`. */
function ofApps(
  base: string,
  [id, part, run, ...more]: readonly string[],
  place: ConsoleOrganization,
): Crumb[] {
  const list = page(`${base}/apps`, "apps");
  if (id === undefined) return [list];
  if (id === "new") return [list, page(`${base}/apps/new`, "connect")];
  const app = place.apps.find((one) => one.id === id);
  if (!app || more.length > 0) return [];
  const href = `${base}/apps/${id}`;
  const crumbs: Crumb[] = [list, { is: "app", href, name: app.name }];
  if (part === undefined) return crumbs;
  const name = OF_APP.get(part);
  if (!name) return [];
  crumbs.push(page(`${href}/${part}`, name));
  if (run === undefined) return crumbs;
  const below = OF_APP.get(`${part}/${run}`);
  if (below) return [...crumbs, page(`${href}/${part}/${run}`, below)];
  return part === "syncs" ? [...crumbs, { is: "run", href: `${href}/syncs/${run}` }] : [];
}

/** Below `/o/[organization]/api-keys`. */
function ofKeys(base: string, rest: readonly string[]): Crumb[] {
  const list = page(`${base}/api-keys`, "apiKeys");
  if (rest.length === 0) return [list];
  return rest.join("/") === "new" ? [list, page(`${base}/api-keys/new`, "createKey")] : [];
}

/**
 * The way to a page, the page itself last. Nothing for an address that the frame doesn't know: of what isn't
 * there and of what isn't theirs it says the same.
 */
export function crumbsOf(path: string, place: ConsoleOrganization | undefined): Crumb[] {
  if (path === "/account") return [page(path, "account")];
  if (path === "/organizations/new") return [page(path, "newOrganization")];
  const [, o, organization, part, ...rest] = path.split("/");
  if (o !== "o" || !place || organization !== place.organization) return [];
  const base = `/o/${organization}`;
  if (part === undefined) return [page(base, "overview")];
  if (part === "apps") return ofApps(base, rest, place);
  if (part === "api-keys") return ofKeys(base, rest);
  return (part === "calls" || part === "settings") && rest.length === 0 ? [page(path, part)] : [];
}
