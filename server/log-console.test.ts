import { expect, test } from "vitest";
import { testEnvironment } from "@/lib/testing/environment";
import { startProgram } from "@/lib/testing/program";

const run = (source: string) =>
  startProgram(`import { logConsole, logPrintedBy } from "./server/log-console";\n${source}`, {
    env: { ...testEnvironment(), DATABASE_URL: "postgresql://none@localhost/none", LOG_LEVEL: "debug" },
  });

test("S22 logs what a library prints as one JSON line each, with URLs cut", async () => {
  const { line } = await run(`
    logConsole();
    console.error("\\u001b[31mfirst\\nsecond\\u001b[0m", new Error("wrong at https://host/path?secret=1"));
    console.warn("careful");
    await logPrintedBy(async () => console.log("starting"));`);
  expect(JSON.parse(await line("first"))).toMatchObject({
    level: "error",
    said: ["\u001b[31mfirst\nsecond\u001b[0m", { message: "wrong at https://host/path?…" }],
  });
  expect(JSON.parse(await line("careful"))).toMatchObject({ level: "warn", said: ["careful"] });
  expect(JSON.parse(await line("starting"))).toMatchObject({ level: "debug", said: ["starting"] });
});

test("prints a command's own output unchanged, even after a failed start", async () => {
  const { line } = await run(`
    logConsole();
    await logPrintedBy(() => Promise.reject(new Error("no"))).catch(() => {});
    console.log("Address: here");`);
  expect(await line("Address")).toBe("Address: here");
});
