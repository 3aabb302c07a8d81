import { expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { makeApp } from "@/lib/testing/factories";
import { bundleProgram, type Program, spawnProgram } from "@/lib/testing/program";
import { tokenTests } from "@/lib/testing/token-tests";
import { callerOf } from "../dingtalk-caller";
import { storedToken } from "../test-support/stored-token";
import { makeTestDingtalk } from "../test-support/test-dingtalk";
import { CLAIM_MS } from "./renewal-policy";
import { makeTokenService } from "./token-service";

const READER = { file: "lib/tokens/test-support/reader-process.ts" };

const { pair, simulator, tokenRequests } = tokenTests("processes");

async function startReader(
  path: string,
  { organizationId, appId }: AppRef,
  readers: number,
): Promise<Program> {
  const env = { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url };
  const program = spawnProgram(path, { args: [organizationId, appId, String(readers)], env });
  await program.line("ready");
  return program;
}

test("200 simultaneous readers in three processes cause one call to DingTalk", async () => {
  const app = await makeApp(pair);
  const path = await bundleProgram(READER);
  const programs = await Promise.all([67, 67, 66].map((readers) => startReader(path, app, readers)));
  for (const program of programs) program.send("go");
  const answers = await Promise.all(
    programs.map(
      async (program) => JSON.parse(await program.line()) as { readers: number; tokens: string[] },
    ),
  );

  expect(answers.reduce((sum, { readers }) => sum + readers, 0)).toBe(200);
  expect(new Set(answers.flatMap(({ tokens }) => tokens)).size).toBe(1);
  expect(tokenRequests()).toBe(1);
});

test("a process killed during a renewal delays the others no longer than its claim lasts", async () => {
  const app = await makeApp(pair);
  simulator.control.addFault({ path: "*", times: 1, fault: { kind: "hang" } });
  const program = await startReader(await bundleProgram(READER), app, 1);
  program.send("go");
  await expect.poll(tokenRequests).toBe(1);
  await program.kill();
  const { renewing_until: until, obtained_at: obtainedAt } = await storedToken(app);
  expect(obtainedAt).toBeNull();
  expect(until?.getTime()).toBeLessThanOrEqual(Date.now() + CLAIM_MS);

  const later = makeTokenService(makeTestDingtalk(simulator.url, () => Date.now() + CLAIM_MS));
  await (await callerOf(app, app.appId, later)).token.current();
  expect(tokenRequests()).toBe(2);
  expect(await storedToken(app)).toMatchObject({ version: 1, renewing_by: null });
});
