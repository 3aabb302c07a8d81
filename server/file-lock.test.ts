import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startProgram } from "@/lib/testing/program";
import { withFileLock } from "./file-lock";

const WAIT_MS = 30_000;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dingkeep-lock-"));
  path = join(folder, "lock");
});

afterEach(() => rmSync(folder, { recursive: true }));

const HOLDER = `
  import { withFileLock } from "@/server/file-lock";
  await withFileLock(process.argv[2], 30_000, () => {
    console.log("holds");
    return new Promise((resolve) => setTimeout(resolve, 60_000));
  });
`;

/** Reads a number, lets others run, and writes the next one. Two holders at once would lose a count. */
const COUNTER = `
  import { readFile, writeFile } from "node:fs/promises";
  import { withFileLock } from "@/server/file-lock";
  for (let round = 0; round < 20; round++) {
    await withFileLock(process.argv[2], 30_000, async () => {
      const count = Number(await readFile(process.argv[3], "utf8"));
      await writeFile(process.argv[3], String(count + 1));
    });
  }
`;

test("lets only one of several processes in at a time", async () => {
  const counter = join(folder, "counter");
  writeFileSync(counter, "0");
  const programs = await Promise.all([1, 2, 3].map(() => startProgram(COUNTER, { args: [path, counter] })));

  expect(await Promise.all(programs.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  expect(readFileSync(counter, "utf8")).toBe("60");
});

test("lets only one of several calls in a process in at a time", async () => {
  let inside = 0;
  const most = await Promise.all(
    [1, 2, 3].map(() =>
      withFileLock(path, WAIT_MS, async () => {
        const now = ++inside;
        await new Promise(setImmediate);
        inside--;
        return now;
      }),
    ),
  );

  expect(most).toEqual([1, 1, 1]);
});

test("releases the lock of a killed process at once", async () => {
  const holder = await startProgram(HOLDER, { args: [path] });
  await holder.line("holds");
  holder.child.kill("SIGKILL");
  await holder.ended;

  expect(await withFileLock(path, 0, async () => "inside")).toBe("inside");
});

test("gives up after the time limit, with an error that names the file", async () => {
  const holder = await startProgram(HOLDER, { args: [path] });
  await holder.line("holds");

  await expect(withFileLock(path, 0, async () => "inside")).rejects.toThrow(path);
});

test("releases the lock when the work fails", async () => {
  const failure = new Error("no disk");
  await expect(withFileLock(path, WAIT_MS, () => Promise.reject(failure))).rejects.toBe(failure);

  expect(await withFileLock(path, 0, async () => "inside")).toBe("inside");
});

test("makes the lock file readable for its owner only, even if it existed with other rights", async () => {
  writeFileSync(path, "");
  chmodSync(path, 0o644);
  const modeWhileHeld = async () => statSync(path).mode & 0o777;

  expect(await withFileLock(path, WAIT_MS, modeWhileHeld)).toBe(0o600);
});
