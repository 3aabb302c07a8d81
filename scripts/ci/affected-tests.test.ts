import { expect, test } from "vitest";
import { fileReadingTests } from "./affected-tests";

test("finds tests of documents and file lists by the files that they read", () => {
  const found = fileReadingTests();
  expect(found).toEqual(
    expect.arrayContaining([
      "scripts/ci/guide-examples.test.ts",
      "lib/env.test.ts",
      "lib/http/every-route.test.ts",
      "lib/testing/security-rules.test.ts",
      "scripts/mutants/list.test.ts",
    ]),
  );
  expect(found).not.toContain("lib/directory/sync/removal-guard.test.ts");
  expect(found.filter((path) => path.includes(".db.test."))).toEqual([]);
});
