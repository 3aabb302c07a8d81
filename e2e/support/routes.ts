import { readFileSync } from "node:fs";

export type Ids = Readonly<Record<"organization" | "app" | "run" | "event" | "webhook" | "attempt", string>>;

function manifest(): [file: string, route: string][] {
  return Object.entries(
    JSON.parse(readFileSync(".next/app-path-routes-manifest.json", "utf8")) as Record<string, string>,
  );
}

const sorted = (routes: string[]) => [...new Set(routes)].sort();

/** Lists the pages and routes of the build, as the router names them. */
export const builtRoutes = (): string[] => sorted(manifest().map(([, route]) => route));

/** Lists the pages of the build that have a URL. */
export const builtPages = (): string[] =>
  sorted(
    manifest()
      .filter(([file, route]) => file.endsWith("/page") && !route.startsWith("/_"))
      .map(([, route]) => route),
  );

/** Required queries by route. */
const QUERIES: Readonly<Record<string, string>> = {
  member: "?id=manager0001",
  members: "?department=1",
  department: "?id=1",
  search: "?q=x",
  charts: "?kind=treemap",
  history: "?object=department&id=1",
};

/** Returns the URL of a route with ids and the required query. */
export function fillRoute(route: string, ids: Ids): string {
  const filled = route
    .replace("[organization]", ids.organization)
    .replace("[app]", ids.app)
    .replace("[run]", ids.run)
    .replace("[event]", ids.event)
    .replace("[webhook]", ids.webhook)
    .replace("[attempt]", ids.attempt);
  return filled + (QUERIES[route.split("/").at(-1) ?? ""] ?? "");
}

export type BuiltAction = { readonly id: string; readonly name: string; readonly file: string };

/** Lists the server actions of the build. Each is a public POST endpoint. */
export function builtActions(): BuiltAction[] {
  const actions = JSON.parse(readFileSync(".next/server/server-reference-manifest.json", "utf8")) as {
    node: Record<string, { exportedName: string; filename: string }>;
  };
  return Object.entries(actions.node)
    .map(([id, { exportedName, filename }]) => ({ id, name: exportedName, file: filename }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Returns a server action by name. @throws {Error} if the build has none */
export function builtAction(name: string): BuiltAction {
  const found = builtActions().find((action) => action.name === name);
  if (!found) throw new Error(`the build has no action ${name}`);
  return found;
}
