import { afterEach, expect, test, vi } from "vitest";
import * as configuration from "@/lib/env";
import { recordFreshRead, recordStaleRead } from "@/lib/tokens/lease/serve-stale-token";
import { countAttempt, countRequest } from "./count";
import { mayScrape, readMetrics } from "./queries";

const TOKEN = "a-token-of-the-tests";

afterEach(() => vi.restoreAllMocks());

function configure(token: string | undefined): void {
  const env = configuration.env();
  vi.spyOn(configuration, "env").mockReturnValue({ ...env, METRICS_TOKEN: token });
}

const attempt = (api: string) => ({
  appKey: "ding-secret-app",
  api,
  outcome: "ok" as const,
  durationMs: 12,
  attempt: 1,
  status: 200,
  throttleScope: null,
  clockSkewMs: null,
});

test("S20 metrics can be read only with METRICS_TOKEN, and not at all while it is unset", () => {
  configure(undefined);
  expect(mayScrape(`Bearer ${TOKEN}`)).toBe(false);
  expect(mayScrape("Bearer undefined")).toBe(false);
  configure(TOKEN);
  for (const wrong of [null, "", "Bearer ", `Bearer ${TOKEN}x`, TOKEN])
    expect(mayScrape(wrong), `${wrong}`).toBe(false);
  expect(mayScrape(`Bearer ${TOKEN}`)).toBe(true);
});

test("S20 tenants create no series: calls of a thousand tenants have one label", async () => {
  for (let tenant = 0; tenant < 1_000; tenant++) {
    countAttempt(attempt(`topapi/v2/user/get-${tenant}`));
    countAttempt({ ...attempt("topapi/v2/department/listsub"), appKey: `ding${tenant}` });
    countRequest("gateway", 200, 3);
  }
  const { text } = await readMetrics();
  const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(series.length).toBeLessThan(2_000);
  expect(text).not.toMatch(/ding-secret-app|ding\d|user\/get/);
  expect(text).toContain('dingkeep_upstream_calls_total{api="other",outcome="ok"} 1000');
});

test("S20 readiness names only its checks, without details", async () => {
  const { readChecks } = await import("@/lib/health/readiness");
  expect(Object.keys(await readChecks()).sort()).toEqual(["database", "migrations", "worker"]);
});

test("readiness reports whether services are answered from memory", async () => {
  const { readReadiness } = await import("@/lib/health/readiness");
  recordStaleRead();
  expect(await readReadiness()).toMatchObject({ isStale: true });
  recordFreshRead();
  expect(await readReadiness()).toMatchObject({ isStale: false });
});
