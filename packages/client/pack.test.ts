import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startSmallDingkeep } from "./test-support/small-dingkeep";

const run = promisify(execFile);

/** The beginning of a user's program. */
const PROGRAM = `
import { DingkeepClient } from "@dingkeep/client";
const client = new DingkeepClient({ url: process.env.DINGKEEP_URL, key: "dk_test" });
const lease = client.token("app");
console.log(await lease.getToken());
console.log(await lease.use(async (token, refused) => (token === "token-1" ? refused() : token)));
console.log(JSON.stringify(await client.call("listApps", {})));
lease.close();
`;

const TYPED = `
import { DingkeepClient } from "@dingkeep/client";
const client = new DingkeepClient({ url: "", key: "" });
const { departments } = await client.call("listDepartments", { params: { appId: "a" }, query: { limit: 3 } });
export const name: string | undefined = departments[0]?.name;
await client.call("startSync", { params: { appId: "a" }, idempotencyKey: "1" });
// @ts-expect-error -- without the app's id
await client.call("getApp", {});
`;
const COMPILER = {
  noEmit: true,
  strict: true,
  module: "nodenext",
  target: "es2022",
  lib: ["es2023", "dom"],
  types: [],
  // Checks the declarations of the package, but not those of the compiler.
  skipDefaultLibCheck: true,
};

test("the package from npm pack works outside the repository, without dependencies, and with its types", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dingkeep-client-"));
  const server = await startSmallDingkeep();
  try {
    const bin = join(process.cwd(), "node_modules", ".bin");
    const env = { ...process.env, PATH: [dirname(process.execPath), bin, process.env.PATH].join(delimiter) };
    const npm = (cwd: string, ...args: string[]) =>
      run("npm", [...args, "--offline", "--no-audit", "--no-fund", "--no-update-notifier"], { cwd, env });
    await npm(join(process.cwd(), "packages", "client"), "pack", "--pack-destination", folder);
    const [packed = ""] = await readdir(folder);
    await writeFile(join(folder, "package.json"), '{"private":true,"type":"module"}');
    await npm(folder, "install", join(folder, packed));
    expect(await readdir(join(folder, "node_modules"))).toEqual([".package-lock.json", "@dingkeep"]);
    await writeFile(join(folder, "typed.ts"), TYPED);
    const compiled = { compilerOptions: COMPILER, files: ["typed.ts"] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(compiled));
    await run(join(bin, "tsc"), ["-p", "."], { cwd: folder });
    await writeFile(join(folder, "program.js"), PROGRAM);
    const { stdout } = await run(process.execPath, ["program.js"], {
      cwd: folder,
      env: { ...env, DINGKEEP_URL: server.url },
    });
    expect(stdout).toBe('token-1\ntoken-2\n{"apps":[]}\n');
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
