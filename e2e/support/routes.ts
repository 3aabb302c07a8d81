import { readFileSync } from "node:fs";

/** Each file of the build that the router gives an address, with that address. */
const readManifest = () =>
  JSON.parse(readFileSync(".next/app-path-routes-manifest.json", "utf8")) as Record<string, string>;

/** Every page and route of the build, as the router names them. */
export const builtRoutes = (): string[] => [...new Set(Object.values(readManifest()))].sort();

/** Those that are pages for people: not the one that only leads on, nor the one for when all else fails. */
export function builtPages(): string[] {
  const pages = Object.entries(readManifest()).filter(([file]) => file.endsWith("/page"));
  return pages
    .map(([, route]) => route)
    .filter((route) => route !== "/" && route !== "/_global-error")
    .sort();
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
