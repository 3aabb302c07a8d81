import { randomBytes } from "node:crypto";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrateDatabase } from "@/server/migrate-database";
import { roleStatements } from "@/server/postgres/roles";

declare module "vitest" {
  interface ProvidedContext {
    citus: { adminUrl: string; ownerUrl: string; appUrl: string };
  }
}

const ROLES = ["dingkeep_owner", "dingkeep_app"] as const;

/** Two shards per worker and table. More would slow down every test file. */
const SHARDS = 4;

/** Creates the README's roles with this run's passwords. They may exist from an earlier run. */
const statementsFor = (database: string, password: string, known: ReadonlySet<string>) => [
  ...roleStatements({ owner: password, app: password }, known),
  ...ROLES.map((role) => `ALTER ROLE ${role} PASSWORD '${password}'`),
  "ALTER ROLE dingkeep_app SET citus.propagate_set_commands = 'local'",
  "ALTER ROLE dingkeep_app SET citus.multi_shard_modify_mode = 'sequential'",
  `ALTER ROLE dingkeep_owner SET citus.shard_count = ${SHARDS}`,
  `ALTER DATABASE ${pg.escapeIdentifier(database)} OWNER TO dingkeep_owner`,
];

/** Migrates the distributed PostgreSQL at `CITUS_URL` for the `citus` project. */
export default async function setup(project: TestProject): Promise<void> {
  const adminUrl = process.env.CITUS_URL ?? "";
  const password = randomBytes(12).toString("hex");
  const urlOf = (username: (typeof ROLES)[number]) =>
    Object.assign(new URL(adminUrl), { username, password }).href;
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  const { rows } = await admin.query<{ role: string }>("SELECT rolname AS role FROM pg_roles");
  const known = new Set(rows.map(({ role }) => role));
  for (const statement of statementsFor(admin.database ?? "", password, known)) await admin.query(statement);
  await admin.end();
  const citus = { adminUrl, ownerUrl: urlOf("dingkeep_owner"), appUrl: urlOf("dingkeep_app") };
  await migrateDatabase({ ownerUrl: citus.ownerUrl, applicationRole: "dingkeep_app" });
  project.provide("citus", citus);
}
