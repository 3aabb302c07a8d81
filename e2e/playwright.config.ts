import { defineConfig } from "@playwright/test";
import { launchOptions } from "./support/launch-options";

const port = Number(process.env.E2E_PORT ?? 3199);

/** What needs all other tests done: it looks at what they left, or disturbs everybody. */
const AFTER = ["after-suite.spec.ts", "ban.spec.ts"];

export default defineConfig({
  testDir: ".",
  outputDir: "../test-results",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: process.env.CI === "1" || process.env.CI === "true",
  reporter: [["list"], ["json", { outputFile: "../.build/playwright.json" }]],
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    locale: "en-US",
    // Without the pictures, which take a third of all work: the trace has each step's page as it was.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions,
  },
  projects: [
    { name: "suite", testIgnore: AFTER, teardown: "after" },
    { name: "after", testMatch: AFTER },
  ],
  webServer: {
    command: "node scripts/run.mjs e2e-server",
    cwd: "..",
    env: { E2E_PORT: String(port) },
    url: `http://127.0.0.1:${port}/readyz`,
    reuseExistingServer: false,
    gracefulShutdown: { signal: "SIGTERM", timeout: 20_000 },
    timeout: 120_000,
  },
});
