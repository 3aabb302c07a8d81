import { readFileSync } from "node:fs";
import pg from "pg";
import { tablesWithoutOrganization } from "./names-organization";

/** Tables that are also read by user or contain only ids. */
const NOT_TENANTS = new Set(["memberships", "organization_ids"]);

/** Test files that send such statements on purpose, to test row security. */
const ON_PURPOSE = /(?:tenancy|unit-of-work)\.db\.test\.ts$/;

type WatchedStatements = { readonly unnamed: ReadonlySet<string>; readonly stopWatching: () => void };

function tenantTables(): string[] {
  const models = readFileSync("prisma/schema.prisma", "utf8").split(/^model /m);
  return models
    .filter((model) => /^ *organizationId .*@map\("organization_id"\)/m.test(model))
    .map((model) => /@@map\("(\w+)"\)/.exec(model)?.[1] ?? "")
    .filter((table) => !NOT_TENANTS.has(table));
}

/**
 * Watches every statement that the application's role sends from this process.
 *
 * @returns a set that grows with each statement on a tenant's table that doesn't name the organization
 */
export function watchStatements(role: string, testFile: string): WatchedStatements {
  const [checked, unnamed] = [new Set<string>(), new Set<string>()];
  if (ON_PURPOSE.test(testFile)) return { unnamed, stopWatching: () => {} };
  const tables = tenantTables();
  const query = Reflect.get(pg.Client.prototype, "query") as (...given: unknown[]) => unknown;
  const watched = function (this: pg.Client, ...given: unknown[]) {
    const [config] = given as [string | { readonly text?: string }];
    const text = typeof config === "string" ? config : (config.text ?? "");
    if (this.user === role && !checked.has(text)) {
      checked.add(text);
      const found = tablesWithoutOrganization(text, tables);
      if (found.length > 0) unnamed.add(`${found.join(", ")}: ${text.replace(/\s+/g, " ").trim()}`);
    }
    return Reflect.apply(query, this, given);
  };
  Reflect.set(pg.Client.prototype, "query", watched);
  return { unnamed, stopWatching: () => void Reflect.set(pg.Client.prototype, "query", query) };
}
