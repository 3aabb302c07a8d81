import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { testEnvironment } from "@/lib/testing/environment";
import { startProgram } from "@/lib/testing/program";
import { holdFileLock } from "./file-lock";

const OWN = `
  import { ownDatabase } from "./scripts/open-database";
  ownDatabase().catch((error) => { console.log(error.message); process.exit(1); });`;

/** What a start in a folder says, from which a server runs already. */
async function startBeside(env: Record<string, string>): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), "beside-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  mkdirSync(join(cwd, ".data"));
  expect(holdFileLock(join(cwd, ".data", "running.lock"))).toBe(true);
  return (await startProgram(OWN, { cwd, env: { ...testEnvironment(), DATABASE_URL: "", ...env } })).line();
}

test("a start beside a running server is told of it", async () => {
  expect(await startBeside({})).toMatch(/^Dingkeep runs from this folder already/);
});

test("a wrong variable is told of first, whatever else runs", async () => {
  expect(await startBeside({ DINGTALK_QPS: "many" })).toMatch(/^DINGTALK_QPS is wrong/);
});
