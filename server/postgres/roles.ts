import { type Passwords, query } from "./connection";

/**
 * Returns the statements that create and limit the two roles. Time limits are set on the role (S30), so that they also
 * apply behind a connection pooler. Neither role gets more rights than it needs (S13).
 */
export function roleStatements(
  passwords: Pick<Passwords, "owner" | "app">,
  exists: ReadonlySet<string>,
): string[] {
  const make = (role: string, password: string) =>
    exists.has(role)
      ? []
      : [`CREATE ROLE ${role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD '${password}'`];
  return [
    ...make("dingkeep_owner", passwords.owner),
    ...make("dingkeep_app", passwords.app),
    "ALTER ROLE dingkeep_app SET statement_timeout = '15s'",
    "ALTER ROLE dingkeep_app SET idle_in_transaction_session_timeout = '30s'",
    "ALTER ROLE dingkeep_app SET lock_timeout = '5s'",
  ];
}

/** Creates the two roles and the database if they are missing, and sets their rights. */
export async function prepareDatabase(adminUrl: string, passwords: Passwords): Promise<void> {
  const [roles = [], databases = []] = await query(adminUrl, [
    "SELECT rolname FROM pg_roles",
    "SELECT datname FROM pg_database",
  ]);
  await query(adminUrl, roleStatements(passwords, new Set(roles as string[])));
  if (!databases.includes("dingkeep")) {
    await query(adminUrl, ["CREATE DATABASE dingkeep OWNER dingkeep_owner"]);
  }
  await query(adminUrl, [
    "REVOKE ALL ON DATABASE dingkeep FROM PUBLIC",
    "GRANT CONNECT ON DATABASE dingkeep TO dingkeep_app",
  ]);
}
