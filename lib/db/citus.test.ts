import { expect, test } from "vitest";
import { distributeNewTables, withoutPropagation } from "./citus";
import { readMigrations } from "./migrations";
import { statementsOf } from "./online-migration";

test("new tables are distributed after they are complete and before the first foreign key", () => {
  const distributed = distributeNewTables(
    `CREATE TYPE "T" AS ENUM ('x'); CREATE TABLE "a" (); CREATE INDEX "i" ON "a"();
     ALTER TABLE "a" ADD CONSTRAINT "f" FOREIGN KEY ("b") REFERENCES "b"("c") ON DELETE CASCADE ON UPDATE CASCADE;
     ALTER TABLE "a" ENABLE ROW LEVEL SECURITY;`,
  );
  const order = ["CREATE TYPE", "CREATE TABLE", "CREATE INDEX", "CREATE CAST", "create_reference_table"];
  order.push("create_distributed_table", "FOREIGN KEY", "ROW LEVEL SECURITY");
  const found = order.map((text) => distributed.indexOf(text));
  expect(found).not.toContain(-1);
  expect(found).toEqual([...found].sort((a, b) => a - b));
  expect(distributed).not.toContain("ON UPDATE CASCADE");
});

test("concurrent statements stay outside the transaction block", () => {
  const sql = `-- expands: an index\nCREATE INDEX CONCURRENTLY IF NOT EXISTS "i" ON "a"("b");`;
  expect(distributeNewTables(sql)).toBe(sql);
});

test("every migration creates its tables before its foreign keys and updates no key, so Citus accepts it", async () => {
  for (const { name, sql } of await readMigrations()) {
    const statements = statementsOf(sql);
    const keys = statements.map((statement) => statement.includes("FOREIGN KEY"));
    const tables = statements.map((statement) => /^(--[^\n]*\n+)*CREATE TABLE/.test(statement));
    const firstKey = keys.indexOf(true);
    if (firstKey >= 0) expect(tables.lastIndexOf(true), name).toBeLessThan(firstKey);
    expect(sql, name).not.toMatch(/\bE'|SET (NULL|DEFAULT)/);
  }
});

test("the address without propagation turns off DDL propagation and keeps other parameters", () => {
  const address = new URL(
    withoutPropagation("postgresql://owner:secret@db.example:5432/dingkeep?sslmode=require"),
  );
  expect(address.searchParams.get("options")).toBe("-c citus.enable_ddl_propagation=off");
  expect(address.searchParams.get("sslmode")).toBe("require");
});
