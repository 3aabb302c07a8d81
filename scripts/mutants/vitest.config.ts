import { defineConfig } from "vitest/config";
import { unit } from "../../vitest.config";

/** Tests of the modules that Stryker mutates (`stryker.config.mjs`). */
export default defineConfig({
  ...unit,
  test: {
    ...unit.test,
    isolate: false,
    include: [
      "lib/directory/{sync/removal-guard,sync/plan/diff-departments,csv}.test.ts",
      "lib/tokens/renewal/{renewal-policy,use-or-renew}.test.ts",
      "lib/app-health/failure-class.test.ts",
      "lib/dingtalk/{classify-error,interpret-answer,retry-policy}.test.ts",
      "lib/gateway/{parse-target,path-rules}.test.ts",
    ],
  },
});
