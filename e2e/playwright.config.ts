import { defineConfig } from "@playwright/test";
import { launchOptions } from "./support/launch-options";
import { ORIGIN } from "./support/origin";

/** Tests that run after all others, because they check what those left or disturb them. */
const AFTER = ["after-suite.spec.ts", "ban.spec.ts"];

export default defineConfig({
  testDir: ".",
  outputDir: "../test-results",
  fullyParallel: true,
  // One more than CI's cores, because tests also wait for syncs and timeouts.
  workers: 3,
  retries: 0,
  forbidOnly: process.env.CI === "1" || process.env.CI === "true",
  reporter: [["list"], ["json", { outputFile: "../.build/playwright.json" }]],
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    baseURL: ORIGIN,
    locale: "en-US",
    // Traces slow the suite down too much. `TRACE=1` keeps those of failed tests.
    trace: process.env.TRACE === "1" ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
    contextOptions: { reducedMotion: "reduce" },
    launchOptions,
  },
  projects: [
    { name: "suite", testIgnore: AFTER, teardown: "after" },
    { name: "after", testMatch: AFTER },
  ],
  webServer: {
    command: "node scripts/run.mjs e2e-server",
    cwd: "..",
    env: { E2E_PORT: new URL(ORIGIN).port },
    url: `${ORIGIN}/readyz`,
    reuseExistingServer: false,
    gracefulShutdown: { signal: "SIGTERM", timeout: 20_000 },
    timeout: 120_000,
  },
});
