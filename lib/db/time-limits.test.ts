import type { ClientBase } from "pg";
import { expect, test } from "vitest";
import { withTimeBudget } from "./time-limits";

test("each statement gets the time left by earlier statements, and at least 1 ms", async () => {
  const sent: string[] = [];
  const client = { query: async (text: string) => void sent.push(text) } as unknown as ClientBase;
  let nowMs = 0;
  const limited = withTimeBudget(client, 2_000, () => nowMs);
  for (const atMs of [0, 750, 1_999.5, 5_000]) {
    nowMs = atMs;
    await limited.query("SELECT 1");
  }
  expect(sent.filter((text) => text !== "SELECT 1")).toEqual(
    [2_000, 1_250, 1, 1].map((leftMs) => `SET LOCAL statement_timeout = ${leftMs}`),
  );
});
