import { readFileSync } from "node:fs";

/** Every page and route of the build, as the router names them. */
export function builtRoutes(): string[] {
  const manifest = JSON.parse(readFileSync(".next/app-path-routes-manifest.json", "utf8")) as Record<
    string,
    string
  >;
  return [...new Set(Object.values(manifest))].sort();
}

export type BuiltAction = { readonly id: string; readonly name: string; readonly file: string };

/** Every server action of the build: each is a public POST endpoint, whoever renders its form. */
export function builtActions(): BuiltAction[] {
  const manifest = JSON.parse(readFileSync(".next/server/server-reference-manifest.json", "utf8")) as {
    node: Record<string, { exportedName: string; filename: string }>;
  };
  return Object.entries(manifest.node)
    .map(([id, { exportedName, filename }]) => ({ id, name: exportedName, file: filename }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
