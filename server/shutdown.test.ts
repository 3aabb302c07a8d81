import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { testEnvironment } from "@/lib/testing/environment";
import { startProgram } from "@/lib/testing/program";
import { runSteps } from "./shutdown";

const SERVICE = `
  import { runService } from "./server/shutdown";
  runService(async (running) => {
    running.unshift(async () => console.log("database ended"));
    setTimeout(() => {}, 60_000);
    console.log("database started");
    if (process.argv[2] === "fails") throw Object.assign(new Error("listen"), { code: "EADDRINUSE", syscall: "listen" });
    if (process.argv[2] === "starts") await new Promise((_, reject) => process.on("SIGTERM", () => reject(new Error("no database"))));
    running.unshift(async () => console.log("server ended"));
    console.log("server started");
  });`;

const start = (...args: string[]) =>
  startProgram(SERVICE, { args, env: { ...testEnvironment(), PORT: "3000" } });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("runs steps in sequence, including those that are added meanwhile", async () => {
  const ran: string[] = [];
  const steps = [
    async () => {
      ran.push("first");
      steps.push(async () => ran.push("added"));
    },
    async () => ran.push("second"),
  ];
  await runSteps(steps);

  expect(ran).toEqual(["first", "second", "added"]);
});

test("runs the last step within 20 s even if earlier steps hang", async () => {
  const hang = () => new Promise(() => {});
  const last = vi.fn<() => Promise<void>>(async () => {});
  const done = runSteps([hang, hang, hang, last]);
  await vi.advanceTimersByTimeAsync(18_000);
  await done;

  expect(last).toHaveBeenCalledTimes(1);
});

test("at SIGTERM, a service stops its parts in reverse order and then exits", async () => {
  const { child, line, ended } = await start();
  await line("server started");
  child.kill("SIGTERM");

  expect([await line(), await line(), await ended]).toEqual(["server ended", "database ended", 0]);
});

test("a second SIGTERM, which npm and a supervisor may both send, does not cut the stop short", async () => {
  const { child, line, ended } = await start();
  await line("server started");
  child.kill("SIGTERM");
  child.kill("SIGTERM");

  expect([await line(), await line(), await ended]).toEqual(["server ended", "database ended", 0]);
});

test("a signal during the start stops the started parts, without printing the failure", async () => {
  const { child, line, ended } = await start("starts");
  await line("database started");
  child.kill("SIGTERM");

  expect([await line(), await ended]).toEqual(["database ended", 0]);
});

test("a failed start stops the parts that were started", async () => {
  const { line, ended } = await start("fails");
  await line("database started");

  expect([await line(), await ended]).toEqual(["database ended", 1]);
});
