import type { Topic } from "../mutant";

const UNIT_OF_WORK = ["lib/db/unit-of-work.db.test.ts"];
const ENVELOPE = ["lib/crypto/envelope.test.ts"];
const CATALOG = ["lib/db/catalog.db.test.ts"];
const MIGRATIONS = "prisma/migrations/*/migration.sql";

/** Separation of organizations: units of work, row security, sealed values and the WHERE of each statement. */
export const tenancy: Topic = {
  name: "tenancy",
  mutants: [
    {
      file: "lib/db/unit-of-work.ts",
      text: "`SET LOCAL ${name} = ${value}`",
      replacement: "`SET ${name} = ${value}`",
      harm: "A pooled connection keeps the organization of the last unit of work.",
      tests: UNIT_OF_WORK,
    },
    {
      file: "lib/db/unit-of-work.ts",
      text: 'await tx.$executeRawUnsafe("SELECT 1");',
      replacement: "",
      harm: "A unit of work that was rolled back is reported as done.",
      tests: UNIT_OF_WORK,
    },
    {
      file: "lib/db/unit-of-work.ts",
      text: 'if (command !== "COMMIT")',
      replacement: 'if (command === "")',
      harm: "A SQL unit of work that was rolled back is reported as done.",
      tests: UNIT_OF_WORK,
    },
    {
      file: "lib/db/unit-of-work.ts",
      text: "if (!isUuid(value)) throw",
      replacement: 'if (value === "") throw',
      harm: "Text that isn't an id reaches a SET statement (SQL injection).",
      tests: UNIT_OF_WORK,
    },
    {
      file: "lib/db/unit-of-work.ts",
      text: "pg.escapeLiteral(scope.userEmail)",
      replacement: "`'${scope.userEmail}'`",
      harm: "An e-mail with a quotation mark reaches a SET statement (SQL injection).",
      tests: UNIT_OF_WORK,
    },
    {
      file: MIGRATIONS,
      text: `CREATE POLICY "tenant" ON "organization"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);`,
      replacement: 'CREATE POLICY "tenant" ON "organization" USING (true);',
      harm: "Row security shows every organization's rows to all callers.",
      tests: [...CATALOG, ...UNIT_OF_WORK, "lib/organizations/tenancy.db.test.ts"],
    },
    {
      file: MIGRATIONS,
      text: 'ALTER TABLE "api_key" FORCE ROW LEVEL SECURITY;',
      replacement: "",
      harm: "The tables' owner can read the keys of all organizations.",
      tests: CATALOG,
    },
    {
      file: MIGRATIONS,
      text: 'ALTER TABLE "api_key" ENABLE ROW LEVEL SECURITY;',
      replacement: "",
      harm: "The table of API keys has no row security.",
      tests: CATALOG,
    },
    {
      file: MIGRATIONS,
      text: `CREATE POLICY "come" ON "memberships" FOR INSERT
  WITH CHECK ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);`,
      replacement: 'CREATE POLICY "come" ON "memberships" FOR INSERT WITH CHECK (true);',
      harm: "A user can be added to any organization.",
      tests: [...CATALOG, ...UNIT_OF_WORK, "lib/organizations/tenancy.db.test.ts"],
    },
    {
      file: "lib/crypto/envelope.ts",
      text: "JSON.stringify([organizationId, table, row, column])",
      replacement: "JSON.stringify([table, row, column])",
      harm: "A sealed value opens in another organization's row.",
      tests: ENVELOPE,
    },
    {
      file: "lib/crypto/envelope.ts",
      text: "JSON.stringify([organizationId, table, row, column])",
      replacement: "JSON.stringify([organizationId, table, column])",
      harm: "A sealed value opens in another row.",
      tests: ENVELOPE,
    },
    {
      file: "lib/tokens/store/stored-token.ts",
      text: "  row: appId,",
      replacement: '  row: "",',
      harm: "One app's sealed token opens in another app's row.",
      tests: ["lib/tokens/renewal/ensure-token.db.test.ts", "lib/tokens/renewal/token-store.db.test.ts"],
    },
    {
      file: "lib/calls/list-calls.ts",
      text: 'const conditions = ["organization_id = $1", "id >= $2"];',
      replacement: 'const conditions = ["$1::uuid IS NOT NULL", "id >= $2"];',
      harm: "A query of the call log has no organization and relies on row security alone.",
      tests: ["lib/calls/list-calls.db.test.ts"],
    },
    {
      file: "lib/directory/runs/decide-run.ts",
      text: `\`SELECT app_id AS "appId" FROM sync_run WHERE organization_id = $1 AND id = $2\``,
      replacement: `\`SELECT app_id AS "appId" FROM sync_run WHERE $1::uuid IS NOT NULL AND id = $2\``,
      harm: "A decision finds its run by id without the organization.",
      tests: ["lib/directory/runs/decide-run.db.test.ts"],
    },
    {
      file: "lib/api-keys/queries.ts",
      text: "where: { organizationId },",
      replacement: "where: {},",
      harm: "The query of the keys has no organization and relies on row security alone.",
      tests: ["lib/api-keys/queries.db.test.ts"],
    },
    {
      file: "lib/organizations/delete-organization.ts",
      text: "    await tx.membership.deleteMany({ where: { organizationId } });\n",
      replacement: "",
      harm: "Users stay members of a deleted organization.",
      tests: ["lib/organizations/commands.db.test.ts"],
    },
    {
      file: "lib/db/migrations.ts",
      text: "names.sort().map(",
      replacement: "names.sort().reverse().map(",
      harm: "Migrations are applied in the wrong order.",
      tests: ["lib/db/migrations.test.ts"],
    },
    {
      file: "lib/db/migrate.ts",
      text: "await lockMigrations(owner);",
      replacement: "",
      harm: "Servers that start at the same time run migrations concurrently.",
      tests: ["lib/db/migrate.db.test.ts"],
    },
    {
      file: "lib/db/online-migration.ts",
      text: "await runLimited(`${sql}\\n;${record}`);",
      replacement: "await runLimited(sql);\n    await runLimited(record);",
      harm: "A migration is applied but not recorded if the process ends between the two.",
      tests: ["lib/db/migrate.db.test.ts"],
    },
    {
      file: "lib/db/migrate.ts",
      text: "await owner.query(`REVOKE INSERT, UPDATE, DELETE ON applied_migration FROM ${role}`);",
      replacement: "",
      harm: "The application's role can change the record of applied migrations.",
      tests: ["lib/db/migrate.db.test.ts", ...CATALOG],
    },
  ],
};
