import "server-only";
import type { ClientBase } from "pg";

/** From how many rows on it pays to read a whole table rather than to look each row up. */
const MANY = 1_000;

/**
 * Tells the planner, to the end of the transaction, that a join is of many rows. What was just written is in no
 * statistics: it takes 100,000 rows for one, and looks through all others for each of them.
 */
export async function expectMany(client: ClientBase, rows: number = MANY): Promise<void> {
  if (rows >= MANY) await client.query("SET LOCAL enable_nestloop = off");
}
