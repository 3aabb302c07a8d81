import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const alias = {
  // `server-only` throws outside a React server build, and tests are neither server nor browser.
  "server-only": at("lib/testing/empty.ts"),
  "@": at("."),
};

/** Long limits, because a busy machine must not make tests fail. */
const patience = { testTimeout: 60_000, expect: { poll: { timeout: 30_000 } } };

/**
 * Database tests on a distributed PostgreSQL, enabled by a superuser's address in CITUS_URL. Files run in sequence,
 * because they share one database and each uses its own organizations. Results are in `docs/measured/citus.md`.
 */
const citus = {
  resolve: { alias },
  test: {
    name: "citus",
    include: ["{lib,server}/**/*.citus.test.ts", "{lib,server,scripts,prisma,app}/**/*.db.test.ts"],
    exclude: [
      // Tables on Citus necessarily differ from the schema: foreign keys cannot update keys there.
      "prisma/migrations.db.test.ts",
      // Expects a wrong password to be refused, but such a server may trust all local connections.
      "server/ready-database.db.test.ts",
      // Makes single rows fail with triggers, which distributed tables do not support.
      "lib/directory/retention/prune-directory.db.test.ts",
      // Start their own PostgreSQL, and would only repeat what `npm test` does.
      "server/{postgres/embedded-postgres,database-away}.db.test.ts",
    ],
    globalSetup: ["lib/testing/citus-setup.ts"],
    setupFiles: ["lib/testing/citus-database.ts"],
    fileParallelism: false,
    hookTimeout: 60_000,
    ...patience,
  },
};

/** Unit tests use nothing outside the process. */
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

/** Tests that wait for real time and processes start first, so that the run does not end with waiting. */
const LONGEST = [
  "server/front/slow-clients.test.ts",
  "packages/client/pack.test.ts",
  "lib/dingtalk/body-limits.test.ts",
  "lib/directory/sync/kill.db.test.ts",
  "server/database-away.db.test.ts",
  "server/postgres/embedded-postgres.db.test.ts",
  "scripts/user.db.test.ts",
];

/** Without durations of an earlier run, Vitest starts with the largest files. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((path) => moduleId.endsWith(path));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Each `.db.test.ts` has its own database. */
export default defineConfig({
  test: {
    // A worker runs several files, because starting a process and loading packages for each took half of the time.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Fewer garbage collections save a tenth of the CPU time of the database tests.
    execArgv: ["--max-semi-space-size=64"],
    // One more than there are cores, because many of the longest tests wait for a process or a clock. The default
    // leaves one core unused.
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
