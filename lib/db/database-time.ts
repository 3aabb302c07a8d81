import type { ClientBase } from "pg";

/**
 * Returns the database's current time. `now()` is the start of the transaction, which is minutes ago while a directory is
 * written. Citus rejects `clock_timestamp()` in statements that write.
 */
export async function databaseTime(client: ClientBase): Promise<Date> {
  const { rows } = await client.query<{ at: Date }>("SELECT clock_timestamp()::timestamptz(3) AS at");
  return rows[0]?.at ?? new Date();
}
