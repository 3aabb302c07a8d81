import { readFileSync } from "node:fs";

/** What the parts of an address stand for. */
export type Ids = { readonly organization: string; readonly app: string; readonly run: string };

function manifest(): [file: string, route: string][] {
  return Object.entries(
    JSON.parse(readFileSync(".next/app-path-routes-manifest.json", "utf8")) as Record<string, string>,
  );
}

const sorted = (routes: string[]) => [...new Set(routes)].sort();

/** Every page and route of the build, as the router names them. */
export const builtRoutes = (): string[] => sorted(manifest().map(([, route]) => route));

/** The pages among them that have an address of their own. */
export const builtPages = (): string[] =>
  sorted(
    manifest()
      .filter(([file, route]) => file.endsWith("/page") && !route.startsWith("/_"))
      .map(([, route]) => route),
  );

/** What a route asks for beside its address. */
const QUERIES: Readonly<Record<string, string>> = {
  member: "?id=manager0001",
  members: "?department=1",
  department: "?id=1",
  search: "?q=x",
  charts: "?kind=treemap",
  history: "?object=department&id=1",
};

/** The address of a route, for these ids, with the query that it can't do without. */
export function fillRoute(route: string, ids: Ids): string {
  const filled = route
    .replace("[organization]", ids.organization)
    .replace("[app]", ids.app)
    .replace("[run]", ids.run);
  return filled + (QUERIES[route.split("/").at(-1) ?? ""] ?? "");
}

export type BuiltAction = { readonly id: string; readonly name: string; readonly file: string };

/** Every server action of the build: each is a public POST endpoint, whoever renders its form. */
export function builtActions(): BuiltAction[] {
  const actions = JSON.parse(readFileSync(".next/server/server-reference-manifest.json", "utf8")) as {
    node: Record<string, { exportedName: string; filename: string }>;
  };
  return Object.entries(actions.node)
    .map(([id, { exportedName, filename }]) => ({ id, name: exportedName, file: filename }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The action of this name. @throws {Error} when the build has none */
export function builtAction(name: string): BuiltAction {
  const found = builtActions().find((action) => action.name === name);
  if (!found) throw new Error(`the build has no action ${name}`);
  return found;
}
