import type { ClientBase } from "pg";

/**
 * What time it is by the database's clock. `now()` is when the transaction began, minutes ago in one that writes a whole
 * directory or has waited for another one that does; and a distributed PostgreSQL takes no `clock_timestamp()` where it
 * writes.
 */
export async function databaseTime(client: ClientBase): Promise<Date> {
  const { rows } = await client.query<{ at: Date }>("SELECT clock_timestamp()::timestamptz(3) AS at");
  return rows[0]?.at ?? new Date();
}
