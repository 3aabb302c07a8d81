import type { ConsoleOrganization } from "./frame-types";

/** Names of the console's pages: keys under `nav` in `messages/`. */
type PageName =
  | "overview"
  | "apps"
  | "connect"
  | "directory"
  | "compare"
  | "removed"
  | "syncs"
  | "events"
  | "token"
  | "doctor"
  | "appSettings"
  | "mapping"
  | "directorySettings"
  | "apiKeys"
  | "calls"
  | "createKey"
  | "webhooks"
  | "webhook"
  | "createWebhook"
  | "webhookSettings"
  | "settings"
  | "account"
  | "newOrganization";

export type Crumb = {
  readonly href: string;
} & (
  | { readonly type: "page"; readonly page: PageName }
  | { readonly type: "app"; readonly name: string }
  /** Titled by its page, with `SetPageTitle`. */
  | { readonly type: "titled" }
);

const APP_SUBPAGES = new Map<string, PageName>([
  ["directory", "directory"],
  ["directory/compare", "compare"],
  ["directory/removed", "removed"],
  ["syncs", "syncs"],
  ["events", "events"],
  ["token", "token"],
  ["doctor", "doctor"],
  ["settings", "appSettings"],
  ["settings/directory", "directorySettings"],
  ["settings/mapping", "mapping"],
]);

const page = (href: string, name: PageName): Crumb => ({ type: "page", href, page: name });

function appCrumbs(
  base: string,
  [id, part, run, ...more]: readonly string[],
  organization: ConsoleOrganization,
): Crumb[] {
  const list = page(`${base}/apps`, "apps");
  if (id === undefined) return [list];
  if (id === "new") return [list, page(`${base}/apps/new`, "connect")];
  const app = organization.apps.find((one) => one.id === id);
  if (!app || more.length > 0) return [];
  const href = `${base}/apps/${id}`;
  const crumbs: Crumb[] = [list, { type: "app", href, name: app.name }];
  if (part === undefined) return crumbs;
  const name = APP_SUBPAGES.get(part);
  if (!name) return [];
  crumbs.push(page(`${href}/${part}`, name));
  if (run === undefined) return crumbs;
  const below = APP_SUBPAGES.get(`${part}/${run}`);
  if (below) return [...crumbs, page(`${href}/${part}/${run}`, below)];
  const isTitled = part === "syncs" || part === "events";
  return isTitled ? [...crumbs, { type: "titled", href: `${href}/${part}/${run}` }] : [];
}

function apiKeyCrumbs(base: string, rest: readonly string[]): Crumb[] {
  const list = page(`${base}/api-keys`, "apiKeys");
  if (rest.length === 0) return [list];
  return rest.join("/") === "new" ? [list, page(`${base}/api-keys/new`, "createKey")] : [];
}

function webhookCrumbs(base: string, [id, part, attempt, ...more]: readonly string[]): Crumb[] {
  const list = page(`${base}/webhooks`, "webhooks");
  if (id === undefined) return [list];
  if (id === "new") return part === undefined ? [list, page(`${base}/webhooks/new`, "createWebhook")] : [];
  const href = `${base}/webhooks/${id}`;
  const crumbs: Crumb[] = [list, { type: "titled", href }];
  if (part === undefined) return crumbs;
  if (part === "settings" && attempt === undefined) {
    return [list, page(href, "webhook"), page(`${href}/settings`, "webhookSettings")];
  }
  if (part !== "attempts" || attempt === undefined || more.length > 0) return [];
  return [list, page(href, "webhook"), { type: "titled", href: `${href}/attempts/${attempt}` }];
}

/**
 * Returns the breadcrumbs for a path, the page itself last. Unknown paths and other organizations' paths get none.
 */
export function crumbsOf(path: string, organization: ConsoleOrganization | undefined): Crumb[] {
  if (path === "/account") return [page(path, "account")];
  if (path === "/organizations/new") return [page(path, "newOrganization")];
  const [, o, publicId, part, ...rest] = path.split("/");
  if (o !== "o" || !organization || publicId !== organization.publicId) return [];
  const base = `/o/${publicId}`;
  if (part === undefined) return [page(base, "overview")];
  if (part === "apps") return appCrumbs(base, rest, organization);
  if (part === "api-keys") return apiKeyCrumbs(base, rest);
  if (part === "webhooks") return webhookCrumbs(base, rest);
  return (part === "calls" || part === "settings") && rest.length === 0 ? [page(path, part)] : [];
}
