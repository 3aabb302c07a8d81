import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildApp, isBuilt } from "./build-app";

const FAKE_NEXT = `
const fs = require("node:fs");
if (fs.existsSync("build-fails")) process.exit(4);
fs.mkdirSync(".next", { recursive: true });
fs.appendFileSync("builds", ".");
`;

const project = process.cwd();
let folder: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dingkeep-build-"));
  process.chdir(folder);
  write("node_modules/next/dist/bin/next", FAKE_NEXT);
  write("app/page.tsx", "one");
  write("lib/deep/inner.ts", "one");
});

afterEach(() => {
  process.chdir(project);
  rmSync(folder, { recursive: true });
});

test("skips the build when the sources are unchanged", async () => {
  expect(isBuilt()).toBe(false);
  expect(await buildApp()).toBe(0);
  expect(isBuilt()).toBe(true);
  rmSync("builds");
  expect(await buildApp()).toBe(0);
  expect(existsSync("builds")).toBe(false);
});

test.each([
  "app/page.tsx",
  "lib/deep/inner.ts",
  "lib/new.ts",
  "messages/en.json",
  "public/logo.svg",
  "next.config.ts",
  "instrumentation.ts",
  "proxy.ts",
  "package-lock.json",
  "prisma/schema.prisma",
])("builds the app again after a change of %s", async (path) => {
  await buildApp();
  write(path, "two");

  expect(isBuilt()).toBe(false);
});

test("builds the app again when a source is removed or moved, but not for a test", async () => {
  await buildApp();
  write("lib/deep/inner.test.ts", "two");
  expect(isBuilt()).toBe(true);
  rmSync("lib/deep/inner.ts");
  expect(isBuilt()).toBe(false);
  write("lib/inner.ts", "one");
  expect(isBuilt()).toBe(false);
});

test("builds the app again after a failed build", async () => {
  write("build-fails", "");
  expect(await buildApp()).toBe(4);
  expect(isBuilt()).toBe(false);
});

test("counts every file in the root that Next reads as a source", async () => {
  process.chdir(folder);
  await buildApp();
  const config = /^(?:.*\.config\.m?[jt]s|tsconfig\.json|proxy\.ts|middleware\.ts|instrumentation.*\.ts)$/;
  /** Other tools read these files. */
  const others = new Set(["prisma.config.ts", "stryker.config.mjs", "vitest.config.ts"]);
  const names = readdirSync(project).filter((name) => config.test(name) && !others.has(name));
  expect(names).toContain("next.config.ts");
  for (const name of names) {
    write(name, "");
    expect(isBuilt(), name).toBe(false);
    rmSync(name);
  }
});
