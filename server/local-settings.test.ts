import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseEnv } from "@/lib/env";
import { startProgram } from "@/lib/testing/program";
import { readOrCreate, setDefaults } from "./local-settings";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dingkeep-settings-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

test("creates a value once and keeps it readable for its owner only, even with a lax umask", () => {
  const before = process.umask(0);
  const first = readOrCreate("value.json", () => ({ secret: "the first" }), folder);
  process.umask(before);

  expect(readOrCreate("value.json", () => ({ secret: "another" }), folder)).toEqual(first);
  expect(readdirSync(folder)).toEqual(["value.json"]);
  expect(statSync(join(folder, "value.json")).mode & 0o777).toBe(0o600);
});

test("leaves no partial value when its creation fails", () => {
  const fail = () => {
    throw new Error("no randomness");
  };
  expect(() => readOrCreate("value.json", fail, folder)).toThrow("no randomness");
  expect(readdirSync(folder)).toEqual([]);
});

test("returns the same value in two processes that create it at the same moment", () => {
  // The other process finishes while this one still creates its value.
  const slow = readOrCreate(
    "value.json",
    () => {
      readOrCreate("value.json", () => "theirs", folder);
      return "ours";
    },
    folder,
  );

  expect(slow).toBe("theirs");
  expect(readdirSync(folder)).toEqual(["value.json"]);
});

test("creates secrets at the first start that are a valid configuration", async () => {
  const program = await startProgram(
    `
    import { DATA_FOLDER, localSecrets } from "@/server/local-settings";
    process.chdir("/");
    console.log("secrets " + JSON.stringify({ DATA_FOLDER, first: localSecrets(), second: localSecrets() }));
  `,
    { cwd: folder },
  );
  const said = JSON.parse((await program.line("secrets")).slice("secrets ".length)) as {
    DATA_FOLDER: string;
    first: Record<string, string>;
    second: Record<string, string>;
  };

  expect(said.DATA_FOLDER).toBe(join(folder, ".data"));
  expect(said.second).toEqual(said.first);
  const given = { DATABASE_URL: "postgresql://localhost/x", NEXTAUTH_URL: "http://localhost:3000" };
  expect(() => parseEnv({ ...given, ...said.first })).not.toThrow();
});

test("keeps configured variables and sets missing or empty ones", () => {
  Object.assign(process.env, { DINGKEEP_TEST_SET: "mine", DINGKEEP_TEST_EMPTY: "" });
  setDefaults({ DINGKEEP_TEST_SET: "ours", DINGKEEP_TEST_EMPTY: "ours", DINGKEEP_TEST_MISSING: "ours" });

  const { DINGKEEP_TEST_SET, DINGKEEP_TEST_EMPTY, DINGKEEP_TEST_MISSING } = process.env;
  expect([DINGKEEP_TEST_SET, DINGKEEP_TEST_EMPTY, DINGKEEP_TEST_MISSING]).toEqual(["mine", "ours", "ours"]);
});
