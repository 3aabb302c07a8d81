import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";

/** Starts the program as `npm run simulator` does, bundled and in a separate process. */
async function startProgram(args: string[], env: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), "simulator-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const outfile = join(folder, "main.mjs");
  const entry = fileURLToPath(new URL("main.ts", import.meta.url));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    // The package ws is CommonJS, and its bundled code calls `require`.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "silent",
  });
  const child = spawn(process.execPath, [outfile, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    child,
    ready: JSON.parse(line) as {
      url: string;
      appKey: string;
      appSecret: string;
      suiteKey: string;
      suiteSecret: string;
    } & Record<string, unknown>,
  };
}

test("the program prints one line with its address, serves, and ends on SIGTERM", async () => {
  const args = ["--size", "40", "--seed", "9", "--app-key", "k"];
  const { child, ready } = await startProgram(args, { SIMULATOR_APP_SECRET: "s" });

  expect(ready).toMatchObject({ url: expect.any(String), appKey: "k", appSecret: "s", departments: 41 });
  const response = await fetch(`${ready.url}/gettoken?appkey=k&appsecret=s`);
  expect(await response.json()).toMatchObject({ errcode: 0 });
  const { suiteKey, suiteSecret, suiteTicket, corpId } = ready;
  const suite = await fetch(`${ready.url}/v1.0/oauth2/corpAccessToken`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ suiteKey, suiteSecret, suiteTicket, authCorpId: corpId }),
  });
  expect(suite.status).toBe(200);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});
