import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const alias = {
  // `server-only` throws outside a React server build; tests are neither server nor browser.
  "server-only": at("lib/testing/empty.ts"),
  "@": at("."),
};

/** A machine that is busy with something else is no failure: what is waited for may take its time. */
const patience = { testTimeout: 60_000, expect: { poll: { timeout: 30_000 } } };

/**
 * On a distributed PostgreSQL, whose superuser's address is CITUS_URL: all that has to do with the database. One file
 * after another, for they share its one, each with organizations of its own. `docs/measured/citus.md` says what was seen.
 */
const citus = {
  resolve: { alias },
  test: {
    name: "citus",
    include: ["{lib,server}/**/*.citus.test.ts", "{lib,server,scripts,prisma,app}/**/*.db.test.ts"],
    exclude: [
      // The tables there differ from the schema, as they have to: no key is updated by a foreign key.
      "prisma/migrations.db.test.ts",
      // Says what a wrong password gets, and such a server may trust whoever is on its machine.
      "server/open-database.db.test.ts",
      // Lets single rows fail by triggers, which distributed tables don't have.
      "lib/directory/retention/prune-directory.db.test.ts",
      // Have a PostgreSQL of their own, and would only show once more what `npm test` does.
      "server/{postgres/embedded-postgres,database-away}.db.test.ts",
    ],
    globalSetup: ["lib/testing/citus-setup.ts"],
    setupFiles: ["lib/testing/citus-database.ts"],
    fileParallelism: false,
    hookTimeout: 60_000,
    ...patience,
  },
};

/** Unit tests touch nothing outside the process. */
export const unit = {
  resolve: { alias },
  test: {
    name: "unit",
    setupFiles: ["lib/testing/unit.ts"],
    include: ["{lib,server,scripts,simulator,app,messages,packages}/**/*.test.{ts,tsx}"],
    exclude: ["**/*.{db,citus}.test.ts"],
    ...patience,
  },
};

/** Tests that wait for real time and processes start first, so that the run does not end with waiting alone. */
const LONGEST = [
  "server/front/slow-clients.test.ts",
  "packages/client/pack.test.ts",
  "lib/dingtalk/body-limits.test.ts",
  "lib/directory/sync/kill.db.test.ts",
  "server/database-away.db.test.ts",
  "server/postgres/embedded-postgres.db.test.ts",
  "scripts/user.db.test.ts",
];

/** On a new clone Vitest has no durations of an earlier run and starts with the largest files. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((path) => moduleId.endsWith(path));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** `.db.test.ts` have a database of their own for each file. */
export default defineConfig({
  test: {
    // A worker runs one file after another: starting a process and loading the packages for each took half of the time.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Fewer collections of young objects: a tenth of the CPU time of the database tests.
    execArgv: ["--max-semi-space-size=64"],
    // By itself it leaves one core out. One more than there are: many of the longest tests wait for a process or a clock.
    maxWorkers: availableParallelism() + 1,
    projects: [
      unit,
      {
        resolve: { alias },
        test: {
          name: "db",
          include: ["{lib,server,scripts,prisma,app}/**/*.db.test.ts"],
          globalSetup: ["lib/testing/global-setup.ts"],
          setupFiles: ["lib/testing/database.ts"],
          hookTimeout: 60_000,
          ...patience,
        },
      },
      ...(process.env.CITUS_URL ? [citus] : []),
    ],
  },
});
