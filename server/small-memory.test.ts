import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "dingkeep-slack-"));
const program = join(folder, "program.mjs");
writeFileSync(
  program,
  `import { restartWithSmallReserves } from ${JSON.stringify(pathToFileURL("server/small-memory.mjs").href)};
   console.log(process.pid);
   restartWithSmallReserves(process.argv.slice(1));
   console.log(JSON.stringify([process.execArgv, process.env.MALLOC_ARENA_MAX, process.argv.slice(2)]));`,
);
afterAll(() => rmSync(folder, { recursive: true }));

function runProgram(env: Readonly<Record<string, string>>): string[] {
  const { MALLOC_ARENA_MAX: _, ...own } = process.env;
  const { stdout } = spawnSync(process.execPath, [program, "start"], {
    env: { ...own, ...env },
    encoding: "utf8",
  });
  return stdout.trim().split("\n");
}

// Windows cannot replace a process.
test.skipIf(!process.execve).each([
  ["2", {}],
  ["7", { MALLOC_ARENA_MAX: "7" }],
])("restarts in the same process with a young heap of 24 MB and %s arenas", (arenas, env) => {
  const [first, second, said = ""] = runProgram(env);

  expect(second).toBe(first);
  expect(JSON.parse(said)).toEqual([["--max-semi-space-size=8"], arenas, ["start"]]);
});
