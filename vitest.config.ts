import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const alias = {
  // `server-only` throws outside a React server build; tests are neither server nor browser.
  "server-only": at("lib/testing/empty.ts"),
  "@": at("."),
};

/**
 * On a distributed PostgreSQL, whose superuser's address is CITUS_URL: what is most likely to meet its limits.
 * One file after another, for they share its database. `docs/measured/citus.md` says what was seen.
 */
const citus = {
  resolve: { alias },
  test: {
    name: "citus",
    include: [
      "lib/**/*.citus.test.ts",
      "lib/{auth,dingtalk-apps,directory,organizations,tokens}/**/*.db.test.ts",
    ],
    globalSetup: ["lib/testing/citus-setup.ts"],
    setupFiles: ["lib/testing/citus-database.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
};

/** Two kinds: unit tests touch nothing outside the process, `.db.test.ts` have a database of their own. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          include: ["{lib,scripts,simulator,app,messages}/**/*.test.{ts,tsx}"],
          exclude: ["**/*.{db,citus}.test.ts"],
        },
      },
      {
        resolve: { alias },
        test: {
          name: "db",
          include: ["{lib,scripts,prisma}/**/*.db.test.ts"],
          globalSetup: ["lib/testing/global-setup.ts"],
          setupFiles: ["lib/testing/database.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      ...(process.env.CITUS_URL ? [citus] : []),
    ],
  },
});
