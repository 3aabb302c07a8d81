import { defineConfig } from "vitest/config";
import { unit } from "../../vitest.config";

/** Tests of the modules that Stryker mutates (`stryker.config.mjs`). */
export default defineConfig({
  ...unit,
  test: {
    ...unit.test,
    isolate: false,
    include: [
      "lib/directory/{sync/{guard,plan/diff-departments},export/csv}.test.ts",
      "lib/tokens/{renewal-policy,decide,failure-class,breaker}.test.ts",
      "lib/dingtalk/{classify-error,interpret-answer,retry-policy}.test.ts",
      "lib/gateway/{target,reading-paths}.test.ts",
    ],
  },
});
