import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { freePort } from "@/server/ports";

let tools: typeof import("./test-tools");
// After it has stopped its tools, the module starts no others.
beforeEach(async () => {
  vi.resetModules();
  tools = await import("./test-tools");
});

/** Starts a child process and prints its pid. Both run until they are killed. */
const PARENT = `
const { spawn } = require("node:child_process");
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
child.once("spawn", () => console.log("child " + child.pid));
process.on("SIGTERM", () => process.exit(3));
setInterval(() => {}, 1000);
`;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("stops running tools with their children, and starts no tool afterwards", async () => {
  const started = Promise.withResolvers<number>();
  const running = tools.runTool("node", ["-e", PARENT], {}, (text) => {
    const pid = /child (\d+)/.exec(text)?.[1];
    if (pid) started.resolve(Number(pid));
  });
  const childPid = await started.promise;
  await tools.stopTools();

  expect((await running).code).toBe(3);
  await expect.poll(() => isAlive(childPid)).toBe(false);
  expect(await tools.runTool("node", ["--version"])).toEqual({ code: 1, output: "" });
});

test("stops the web server of the browser tests, which has its own process group", async () => {
  mkdirSync(".build", { recursive: true });
  const folder = mkdtempSync(join(".build", "test-tools-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const url = `http://127.0.0.1:${await freePort()}`;
  writeFileSync(
    join(folder, "server.mjs"),
    `import { createServer } from "node:http";
    createServer((_, response) => response.end(String(process.pid))).listen(${new URL(url).port}, "127.0.0.1");`,
  );
  const webServer = {
    command: "node server.mjs",
    url,
    gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
  };
  writeFileSync(
    join(folder, "playwright.config.mjs"),
    `export default ${JSON.stringify({ webServer, reporter: "line" })};`,
  );
  writeFileSync(
    join(folder, "endless.spec.mjs"),
    `import { test } from "@playwright/test";
    test("never ends", async () => { console.log("under way"); await new Promise(() => {}); });`,
  );
  const started = Promise.withResolvers<void>();
  const config = join(folder, "playwright.config.mjs");
  const running = tools.runTool("playwright", ["test", "--config", config], {}, (text) => {
    if (text.includes("under way")) started.resolve();
  });
  await started.promise;
  const serverPid = Number(await (await fetch(url)).text());
  await tools.stopTools();
  await running;

  await expect.poll(() => isAlive(serverPid)).toBe(false);
});
