import { expect, test } from "vitest";
import { bundleProgram, spawnProgram } from "@/lib/testing/program";

test("creates an owner with a link that is valid for an hour, and exits with code 1 when it refuses", async () => {
  const path = await bundleProgram({ file: "scripts/user.ts" });
  /** Runs `npm run user -- …` in another process on this test's database. */
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
