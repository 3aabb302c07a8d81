import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { kindOf, type MigrationKind, readMigrations } from "./migrations";
import { compareSchema, type SchemaStatus } from "./schema-compatibility";

test.each([
  ["-- expands: a table of apps\nCREATE TABLE app ();", "expands"],
  ["-- contracts: nobody reads app.old any more\n", "contracts"],
] as const)("the first line says what a migration is: %j", (sql, kind) => {
  expect(kindOf("20260101000000_x", sql)).toBe(kind);
});

test.each([
  "",
  "CREATE TABLE app ();",
  "-- expands",
  "-- expands: ",
  "-- expands:a",
  "-- Expands: a",
  "-- widens: a",
  "\n-- expands: a",
  " -- expands: a",
  "CREATE TABLE app (); -- expands: a",
  "-- CreateTable\n-- expands: a",
])("refuses by name a migration that doesn't say its kind in its first line: %j", (sql) => {
  expect(() => kindOf("20260101000000_x", sql)).toThrow("20260101000000_x must begin with");
});

test("reads migrations in the order of their names, and skips entries that are no folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dingkeep-migrations-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ["20260102000000_b", "20260101000000_a", "20260103000000_c"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "migration.sql"), `-- expands: ${name}\n`);
  }
  writeFileSync(join(folder, "migration_lock.toml"), "");

  const names = (await readMigrations(folder)).map(({ name }) => name);
  expect(names).toEqual(["20260101000000_a", "20260102000000_b", "20260103000000_c"]);
});

const known = [{ name: "1" }, { name: "2" }];
const contracted: SchemaStatus = { is: "contracted", by: "3" };

test.each<[string, Record<string, MigrationKind | "unheard-of">, SchemaStatus]>([
  ["all that it knows and no more", { 1: "expands", 2: "contracts" }, { is: "current" }],
  [
    "one that it doesn't know, which expands",
    { 1: "expands", 2: "contracts", 3: "expands" },
    { is: "newer" },
  ],
  ["one that it doesn't know, which contracts", { 1: "expands", 2: "expands", 3: "contracts" }, contracted],
  [
    "one that expands, and before it one that contracts",
    { 1: "expands", 2: "expands", 3: "contracts", 4: "expands" },
    contracted,
  ],
  ["one of a kind that it never heard of", { 1: "expands", 2: "expands", 3: "unheard-of" }, contracted],
  ["one missing", { 1: "expands" }, { is: "older" }],
  ["nothing", {}, { is: "older" }],
  ["one missing, and a newer one that expands", { 1: "expands", 3: "expands" }, { is: "older" }],
  ["one missing, and a newer one that contracts", { 1: "expands", 3: "contracts" }, contracted],
])("a build that knows 1 and 2 finds %s applied", (_, applied, fit) => {
  expect(compareSchema(known, new Map(Object.entries(applied)) as never)).toEqual(fit);
});
