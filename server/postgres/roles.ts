import { type Passwords, query } from "./connection";

/**
 * The application's limits (S30) stand with its role, so that they hold behind a pooler too.
 * The two roles own nothing beyond what their work needs (S13).
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

/** Makes the two roles and the database, where they aren't there yet, and sets what they may. */
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
