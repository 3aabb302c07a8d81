import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

/** What may change something without being a server action: next-auth's own POSTs, and machines'. */
const MAY_CHANGE = /^app\/(?:api\/auth\/\[\.\.\.nextauth\]\/route\.ts$|api\/v1\/|dingtalk\/|scim\/)/;
/** Paths of machines, which never read the session's cookie and answer no other site. */
const MACHINES = /^app\/(?:api\/v1|dingtalk|scim)\//;

const filesOf = (folder: string, name: RegExp): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map(({ parentPath, name: file }) => join(parentPath, file));

const routes = filesOf("app", /^route\.tsx?$/);
const pages = filesOf("app", /^page\.tsx$/);

/** The names that a module exports, however it says so. */
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

describe("S4 the route handlers", () => {
  test("are found, and what they export is read in each form", () => {
    expect(routes).toContain("app/api/auth/[...nextauth]/route.ts");
    const forms =
      "export const GET = 1, PUT = 2; export async function POST() {} const h = 1; export { h as DELETE }; export * from './x';";
    expect(exportsOf("x.ts", forms)).toEqual(["GET", "PUT", "POST", "DELETE", "*"]);
  });

  test("change nothing: but for next-auth's own and machines', they export GET and no other method", () => {
    const configuration = new Set(["GET", "dynamic", "revalidate", "maxDuration", "runtime"]);
    const others = routes
      .filter((path) => !MAY_CHANGE.test(path))
      .flatMap((path) => exportsOf(path).map((name) => ({ path, name })))
      .filter(({ name }) => !configuration.has(name));
    expect(others).toEqual([]);
  });

  test("of machines read no cookie and let no other site read an answer", () => {
    const readers = routes
      .filter((path) => MACHINES.test(path))
      .filter((path) =>
        /next\/headers|auth\/request|page-actor|next-auth|access-control/i.test(readFileSync(path, "utf8")),
      );
    expect(readers).toEqual([]);
  });
});

describe("S1 the pages", () => {
  /** Pages for whoever isn't signed in. */
  const PUBLIC = /^app\/\(auth\)\//;

  test("ask by themselves who is calling, for a layout protects nothing; but for those before the sign-in", () => {
    const own = pages.filter((path) => !PUBLIC.test(path));
    expect(own.length).toBeGreaterThan(2);
    const silent = own.filter((path) => !/await page(?:Actor|SignedIn)\(/.test(readFileSync(path, "utf8")));
    expect(silent).toEqual([]);
  });

  test("of an organization ask for a permission in it", () => {
    const own = pages.filter((path) => path.startsWith("app/(console)/o/[organization]/"));
    expect(own.length).toBeGreaterThan(1);
    const silent = own.filter((path) => !/await pageActor\([^"]*"[\w.]+"\)/.test(readFileSync(path, "utf8")));
    expect(silent).toEqual([]);
  });
});

test("S19 nothing of a caller's passes through Next's data cache", () => {
  const cached = [...filesOf("app", /\.tsx?$/), ...filesOf("lib", /\.ts$/)]
    .filter((path) => !path.endsWith(".test.ts"))
    .filter((path) =>
      /["']use cache|unstable_cache|cacheLife|cacheTag|force-cache|force-static|\brevalidate\s*[=:]/.test(
        readFileSync(path, "utf8"),
      ),
    );
  expect(cached).toEqual([]);
});
