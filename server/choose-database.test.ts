import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { testEnvironment } from "@/lib/testing/environment";
import { startProgram } from "@/lib/testing/program";

const OWN = `
  import { ownDatabase } from "./server/choose-database";
  ownDatabase([]).catch((error) => { console.log(error.message); process.exit(1); });`;

/** Holds a folder until it is told to stop, and keeps stopping until it is told to end. */
const HOLDER = `
  import { createInterface } from "node:readline";
  import { onStop } from "./server/shutdown";
  import { lockFolder } from "./server/single-instance";
  const { promise, resolve } = Promise.withResolvers();
  await lockFolder(".data");
  onStop([() => { console.log("stopping"); return promise; }]);
  createInterface({ input: process.stdin }).once("line", resolve);
  console.log("holds");`;

let cwd: string;
const env = (more: Record<string, string> = {}) => ({ ...testEnvironment(), DATABASE_URL: "", ...more });

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "beside-"));
  mkdirSync(join(cwd, ".data"));
  onTestFinished(() => rmSync(cwd, { recursive: true, maxRetries: 10 }));
});

async function hold() {
  const holder = await startProgram(HOLDER, { cwd, env: env() });
  await holder.line("holds");
  return holder;
}

const startBeside = (more: Record<string, string> = {}) => startProgram(OWN, { cwd, env: env(more) });

test("refuses to start beside a running server, in one sentence that names its process", async () => {
  const holder = await hold();
  expect(await (await startBeside()).line()).toBe(
    `Dingkeep already runs from this folder (process ${holder.child.pid}). Stop it first, or set DATABASE_URL.`,
  );
});

test("reports an invalid variable first, whatever else is wrong", async () => {
  await hold();
  expect(await (await startBeside({ DINGTALK_QPS: "many" })).line()).toMatch(/^DINGTALK_QPS is invalid/);
});

test("waits for a running server that is stopping", async () => {
  const holder = await hold();
  holder.child.kill("SIGTERM");
  await holder.line("stopping");
  // PostgreSQL cannot start here, so the start fails as soon as it has the folder.
  writeFileSync(join(cwd, ".data", "postgres"), "not a folder");
  const starting = await startBeside();
  expect(await starting.line()).toBe(`Waiting for Dingkeep to stop (process ${holder.child.pid}) …`);
  holder.send("end");
  await holder.ended;
  await starting.ended;

  expect(JSON.parse(readFileSync(join(cwd, ".data", "running.json"), "utf8"))).toEqual({
    pid: starting.child.pid,
    isStopping: false,
  });
});
