import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { ConfigurationError } from "@/lib/env";
import { explainFailure } from "./explain-failure";

afterEach(() => void vi.unstubAllEnvs());

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

test("explains a port in use in one sentence that names the port", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as { port: number };
  vi.stubEnv("PORT", String(port));
  const error = await new Promise((resolve) =>
    createServer().once("error", resolve).listen(port, "127.0.0.1"),
  );

  expect(explainFailure(error)).toBe(`Port ${port} is in use by another program. Set PORT to a free port.`);
});

test.each([
  ["EACCES", "this user may not write there"],
  ["EROFS", "the file system is read-only"],
  ["ENOSPC", "the disk is full"],
])("explains a folder that refuses writes with %s in one sentence that names the path", (code, reason) => {
  const error = Object.assign(new Error(code), { code, syscall: "mkdir", path: "/srv/dingkeep/.data" });
  expect(explainFailure(error)).toBe(`Cannot write /srv/dingkeep/.data: ${reason}.`);
});

test("returns the sentence of a configuration error", () => {
  expect(explainFailure(new ConfigurationError("PORT is wrong."))).toBe("PORT is wrong.");
});

test("returns any other error as it is, with its stack", () => {
  const missing = thrownBy(() => writeFileSync("/nowhere/at/all", ""));
  expect(explainFailure(missing)).toBe(missing);
  expect(explainFailure(undefined)).toBeUndefined();
});
