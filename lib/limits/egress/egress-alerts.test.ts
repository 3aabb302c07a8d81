import { afterEach, expect, test, vi } from "vitest";
import type { DingtalkAttempt } from "@/lib/dingtalk/client";
import { log } from "@/lib/log";
import { noteBan, noteEgress, readEgressAlerts } from "./egress-alerts";

const ATTEMPT: DingtalkAttempt = {
  appKey: "ding1",
  api: "auth/scopes",
  outcome: "throttled",
  durationMs: 1,
  attempt: 1,
  status: 200,
  throttleScope: "ip_corps",
  clockSkewMs: null,
};
const MINUTE_MS = 60_000;

afterEach(() => void vi.restoreAllMocks());

test("counts a call refused with 90017, and logs it every ten minutes", () => {
  const error = vi.spyOn(log, "error").mockImplementation(() => {});
  const before = readEgressAlerts();
  for (const minute of [0, 1, 9, 10, 11]) noteEgress(ATTEMPT, minute * MINUTE_MS);
  noteEgress({ ...ATTEMPT, throttleScope: "app" }, 30 * MINUTE_MS);
  expect(error).toHaveBeenCalledTimes(2);
  expect(JSON.stringify(error.mock.calls)).toMatch(/90017.*egress addresses/);
  expect(JSON.stringify(error.mock.calls)).not.toContain("ding1");
  expect(readEgressAlerts()).toEqual({ ...before, tooManyCorps: before.tooManyCorps + 5 });
});

test("counts and logs a confirmed ban, but not an answer that only looks like a ban", () => {
  const error = vi.spyOn(log, "error").mockImplementation(() => {});
  const before = readEgressAlerts();
  noteEgress({ ...ATTEMPT, outcome: "ip_banned", throttleScope: null });
  expect(readEgressAlerts()).toEqual(before);
  noteBan();
  expect(error).toHaveBeenCalledOnce();
  expect(readEgressAlerts().bans).toBe(before.bans + 1);
});
