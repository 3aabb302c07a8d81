import { expect, test } from "vitest";
import { runTool, stopTools } from "./test-tools";

/** Starts a child of its own and says its pid; neither ends by itself. */
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

test("stopping ends the running tools with their children, and no tool starts afterwards", async () => {
  const started = Promise.withResolvers<number>();
  const running = runTool("node", ["-e", PARENT], {}, (text) => {
    const pid = /child (\d+)/.exec(text)?.[1];
    if (pid) started.resolve(Number(pid));
  });
  const childPid = await started.promise;
  await stopTools();

  expect((await running).code).toBe(3);
  await expect.poll(() => isAlive(childPid)).toBe(false);
  expect(await runTool("node", ["--version"])).toEqual({ code: 1, output: "" });
});
