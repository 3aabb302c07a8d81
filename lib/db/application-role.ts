import "server-only";
import { ConfigurationError } from "@/lib/env";
import { pool } from "./connection-pools";

/** Includes the roles that the application's role belongs to, because membership allows SET ROLE. */
const ROLE_FACTS = `
  SELECT EXISTS (SELECT FROM pg_roles m WHERE pg_has_role(current_user, m.oid, 'MEMBER')
      AND (m.rolsuper OR m.rolbypassrls OR m.rolcreaterole OR m.rolcreatedb
        OR EXISTS (SELECT FROM pg_class WHERE relowner = m.oid))) AS is_powerful,
    EXISTS (SELECT FROM pg_namespace WHERE nspname IN ('public', 'pgboss')
      AND has_schema_privilege(current_user, oid, 'CREATE')) AS may_create,
    EXISTS (SELECT FROM pg_class WHERE relkind IN ('r', 'p')
      AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'pgboss'))
      AND has_table_privilege(current_user, oid, 'TRUNCATE')) AS may_truncate,
    current_setting('statement_timeout') = '0' OR current_setting('lock_timeout') = '0'
      OR current_setting('idle_in_transaction_session_timeout') = '0' AS is_unlimited`;

type RoleFacts = Record<"is_powerful" | "may_create" | "may_truncate" | "is_unlimited", boolean>;

/** Rejects a role that can bypass row security (S13) or lacks time limits (S30). @throws {ConfigurationError} */
export async function assertApplicationRole(): Promise<void> {
  const { rows } = await pool().query<RoleFacts>(ROLE_FACTS);
  const facts = rows[0];
  if (!facts || facts.is_powerful || facts.may_create || facts.may_truncate) {
    throw new ConfigurationError(
      "DATABASE_URL names a role that can bypass or change row security (superuser, BYPASSRLS, an owner, CREATE or TRUNCATE); README describes the application's role.",
    );
  }
  if (facts.is_unlimited) {
    throw new ConfigurationError(
      "DATABASE_URL names a role without statement_timeout, lock_timeout and idle_in_transaction_session_timeout; README describes how to set them.",
    );
  }
}
