import { expect, test } from "vitest";
import { bundleProgram, spawnProgram } from "@/lib/testing/program";

test("an owner is made with a link for an hour, and what can't be done ends with a code of 1", async () => {
  const path = await bundleProgram({ file: "scripts/user.ts" });
  /** `npm run user -- …` as another process, on this test's database. */
  const user = (...args: string[]) => spawnProgram(path, { args });
  const made = user("create", "operator@example.org", "运维 Ops");
  expect(await made.line("/set-password?link=")).toMatch(/^http:\/\/localhost:3000\/set-password\?link=\S+$/);
  expect(await made.ended).toBe(0);

  const refused = [["create", "operator@example.org", "Again"], ["reset-link", "nobody@example.org"], []];
  for (const args of refused) {
    expect(await user(...args).ended, args.join(" ")).toBe(1);
  }

  expect(await user("disable", "operator@example.org").ended).toBe(0);
});
