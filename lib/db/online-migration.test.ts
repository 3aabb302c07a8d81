import { expect, test } from "vitest";
import { type Migration, readMigrations } from "./migrations";
import { isStepwise, statementsOf } from "./online-migration";

test("cuts a script at the ends of its statements, and nowhere inside one", () => {
  const script = `
    -- a comment; with a semicolon
    CREATE TABLE "a;b" (x text DEFAULT 'it''s; so'); /* another; */
    DO $body$ BEGIN PERFORM 1; PERFORM $$;$$; END $body$;
    SELECT 4 / 2 - 1;
    ;`;
  expect(statementsOf(script)).toEqual([
    `-- a comment; with a semicolon\n    CREATE TABLE "a;b" (x text DEFAULT 'it''s; so')`,
    "/* another; */\n    DO $body$ BEGIN PERFORM 1; PERFORM $$;$$; END $body$",
    "SELECT 4 / 2 - 1",
  ]);
});

const BUILD = `CREATE INDEX CONCURRENTLY IF NOT EXISTS "i" ON "a"("b");`;

test.each([
  [BUILD, true],
  [
    `-- expands: an index\n\n-- Why; how\n${BUILD}\nDROP INDEX CONCURRENTLY IF EXISTS "old";\n-- The end`,
    true,
  ],
  [`ALTER TABLE "a" VALIDATE CONSTRAINT "f";`, true],
  [`-- expands: a key\n\nALTER TABLE "a" VALIDATE CONSTRAINT "f";\n${BUILD}`, true],
  [`CREATE INDEX "i" ON "a"("b");`, false],
  [`INSERT INTO "a" VALUES ('CONCURRENTLY');`, false],
])("recognizes a migration that runs outside a transaction: %j", (sql, concurrent) => {
  expect(isStepwise(sql)).toBe(concurrent);
});

test.each([
  `${BUILD} ALTER TABLE "a" ADD COLUMN "c" TEXT;`,
  `CREATE INDEX CONCURRENTLY "i" ON "a"("b");`,
  `DROP INDEX CONCURRENTLY "i";`,
  // The scan would run under the lock of the statement before it
  `ALTER TABLE "a" ADD CONSTRAINT "f" FOREIGN KEY ("b") REFERENCES "b"("c") NOT VALID; ALTER TABLE "a" VALIDATE CONSTRAINT "f";`,
  `ALTER TABLE "a" ADD COLUMN "c" TEXT, VALIDATE CONSTRAINT "f";`,
])("refuses a migration by statement that could not be repeated after a crash: %j", (sql) => {
  expect(() => isStepwise(sql)).toThrow("may contain only CREATE INDEX CONCURRENTLY IF NOT EXISTS");
});

const TABLE = String.raw`(?:"?public"?\.)?"?(?<table>\w+)"?`;

/** Statements that hold up everybody on a table with rows: they read or rewrite all of it under their lock. */
const BLOCKING: readonly RegExp[] = [
  new RegExp(String.raw`^CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)\S+ ON ${TABLE}`),
  /^DROP INDEX (?!CONCURRENTLY)/,
  new RegExp(
    String.raw`^ALTER TABLE ${TABLE}[^]*\bADD CONSTRAINT \S+ (?:FOREIGN KEY|CHECK)(?![^]*\bNOT VALID\b)`,
  ),
  new RegExp(
    String.raw`^ALTER TABLE ${TABLE}[^]*\bADD (?:CONSTRAINT \S+ )?(?:UNIQUE|PRIMARY KEY|EXCLUDE)(?!\s+USING INDEX\b)`,
  ),
  new RegExp(
    String.raw`^ALTER TABLE ${TABLE}[^]*\b(?:SET DATA TYPE|ALTER COLUMN \S+ TYPE|SET NOT NULL|SET (?:UN)?LOGGED)\b`,
  ),
  new RegExp(
    String.raw`^ALTER TABLE ${TABLE}[^]*\bADD COLUMN[^]*\b(?:gen_random_uuid|random|clock_timestamp|GENERATED)\b`,
  ),
  /^(?:VACUUM FULL|CLUSTER|REINDEX|LOCK)\b/,
];

/** The statements of a migration that block others, except those on tables that it makes itself. */
function blockingOf({ sql }: Pick<Migration, "sql">): string[] {
  const statements = statementsOf(sql).map((statement) => statement.replace(/^(?:--[^\n]*\n\s*)+/, ""));
  const made = new Set(
    statements.map(
      (text) => new RegExp(String.raw`^CREATE (?:UNLOGGED )?TABLE ${TABLE}`).exec(text)?.groups?.table,
    ),
  );
  return statements.filter((statement) =>
    BLOCKING.some((blocking) => {
      const found = blocking.exec(statement);
      return found !== null && !(found.groups?.table && made.has(found.groups.table));
    }),
  );
}

test.each([
  `CREATE INDEX "i" ON "a"("b")`,
  `CREATE UNIQUE INDEX "i" ON "a"("b")`,
  `DROP INDEX "i"`,
  `ALTER TABLE "a" ADD CONSTRAINT "f" FOREIGN KEY ("b") REFERENCES "b"("c") ON DELETE CASCADE`,
  `ALTER TABLE "a" ADD CONSTRAINT "c" CHECK ("b" > 0)`,
  `ALTER TABLE "a" ADD CONSTRAINT "u" UNIQUE ("b")`,
  `ALTER TABLE "a" ALTER COLUMN "b" SET NOT NULL`,
  `ALTER TABLE "a" ALTER COLUMN "b" SET DATA TYPE BIGINT`,
  `ALTER TABLE "a" ADD COLUMN "b" UUID NOT NULL DEFAULT gen_random_uuid()`,
  `LOCK TABLE "a"`,
])("finds a statement that blocks others: %j", (statement) => {
  expect(blockingOf({ sql: `-- expands: a\n${statement};` })).toEqual([statement]);
  const made = `CREATE TABLE "a" ();\n${statement};`;
  if (!/^(?:DROP|LOCK)/.test(statement)) expect(blockingOf({ sql: made })).toEqual([]);
});

test.each([
  `ALTER TABLE "a" ADD COLUMN "b" INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE "a" DROP CONSTRAINT "f"`,
  `ALTER TABLE "a" ADD CONSTRAINT "f" FOREIGN KEY ("b") REFERENCES "b"("c") NOT VALID`,
  `ALTER TABLE "a" ADD CONSTRAINT "u" UNIQUE USING INDEX "i"`,
])("passes a statement that is quick on a filled table: %j", (statement) => {
  expect(blockingOf({ sql: `${statement};` })).toEqual([]);
});

test("no migration blocks others on a table with rows, and concurrent ones can be repeated", async () => {
  const migrations = await readMigrations();
  expect(migrations.length).toBeGreaterThan(0);
  for (const migration of migrations) {
    expect(blockingOf(migration), migration.name).toEqual([]);
    expect(() => isStepwise(migration.sql), migration.name).not.toThrow();
  }
});
