import type { ClientBase } from "pg";

/** Returns the current time. `now()` is the transaction's start, and Citus rejects `clock_timestamp()` in writes. */
export async function databaseTime(client: ClientBase): Promise<Date> {
  const { rows } = await client.query<{ at: Date }>("SELECT clock_timestamp()::timestamptz(3) AS at");
  return rows[0]?.at ?? new Date();
}
