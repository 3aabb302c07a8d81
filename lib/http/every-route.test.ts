import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

/** Routes that may change something without being a server action: next-auth's POSTs and those of machine clients. */
const MAY_CHANGE =
  /^app\/(?:api\/auth\/\[\.\.\.nextauth\]\/route\.ts$|api\/(?:v1|callbacks)\/|dingtalk\/|scim\/)/;
/** Routes of machine clients, which never read the session cookie and send no CORS headers. */
const MACHINES = /^app\/(?:api\/(?:v1|callbacks)|dingtalk|scim)\//;

const filesOf = (folder: string, name: RegExp): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map(({ parentPath, name: file }) => join(parentPath, file));

const routes = filesOf("app", /^route\.tsx?$/);
const pages = filesOf("app", /^page\.tsx$/);

/** Lists the names that a module exports, in every form of export. */
function exportsOf(path: string, text = readFileSync(path, "utf8")): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement): string[] => {
    if (ts.isExportDeclaration(statement)) {
      if (!statement.exportClause || ts.isNamespaceExport(statement.exportClause)) return ["*"];
      return statement.exportClause.elements.map(({ name }) => name.text);
    }
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) => name.getText(source));
    return ts.isFunctionDeclaration(statement) ? [statement.name?.text ?? "default"] : [];
  });
}

describe("S4 route handlers", () => {
  test("finds route handlers in every form of export", () => {
    expect(routes).toContain("app/api/auth/[...nextauth]/route.ts");
    const forms =
      "export const GET = 1, PUT = 2; export async function POST() {} const h = 1; export { h as DELETE }; export * from './x';";
    expect(exportsOf("x.ts", forms)).toEqual(["GET", "PUT", "POST", "DELETE", "*"]);
  });

  test("route handlers export only GET, except those of next-auth and of machine clients", () => {
    const configuration = new Set(["GET", "dynamic", "revalidate", "maxDuration", "runtime"]);
    const others = routes
      .filter((path) => !MAY_CHANGE.test(path))
      .flatMap((path) => exportsOf(path).map((name) => ({ path, name })))
      .filter(({ name }) => !configuration.has(name));
    expect(others).toEqual([]);
  });

  test("route handlers for machine clients read no cookie and send no CORS headers", () => {
    const readers = routes
      .filter((path) => MACHINES.test(path))
      .filter((path) =>
        /next\/headers|auth\/request|authorize-page|next-auth|access-control/i.test(
          readFileSync(path, "utf8"),
        ),
      );
    expect(readers).toEqual([]);
  });
});

describe("S1 pages", () => {
  /** Pages that need no session. */
  const PUBLIC = /^app\/\(auth\)\//;

  test("pages check the session themselves, because a layout does not protect them", () => {
    const own = pages.filter((path) => !PUBLIC.test(path));
    expect(own.length).toBeGreaterThan(2);
    const unchecked = own.filter(
      (path) => !/await page(?:Actor|SignedIn)\(/.test(readFileSync(path, "utf8")),
    );
    expect(unchecked).toEqual([]);
  });

  test("pages of an organization require a permission", () => {
    const own = pages.filter((path) => path.startsWith("app/(console)/o/[organization]/"));
    expect(own.length).toBeGreaterThan(1);
    const unchecked = own.filter(
      (path) => !/await pageActor\([^"]*"[\w.]+"\)/.test(readFileSync(path, "utf8")),
    );
    expect(unchecked).toEqual([]);
  });
});

test("S19 nothing uses Next's data cache", () => {
  const cached = [...filesOf("app", /\.tsx?$/), ...filesOf("lib", /\.ts$/)]
    .filter((path) => !path.endsWith(".test.ts"))
    .filter((path) =>
      /["']use cache|unstable_cache|cacheLife|cacheTag|force-cache|force-static|\brevalidate\s*[=:]/.test(
        readFileSync(path, "utf8"),
      ),
    );
  expect(cached).toEqual([]);
});
