import "server-only";
import type { ClientBase } from "pg";

/** Rows of one statement: some megabytes at most, no matter how large the directory is. */
export const ROWS_PER_STATEMENT = 5_000;

export function* chunks<T>(items: readonly T[], size: number = ROWS_PER_STATEMENT): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** From this number of rows on, reading a whole table is cheaper than looking up each row. */
const MANY_ROWS = 1_000;

/** Tells the planner that joins have many rows, which the statistics don't show for rows that were just written. */
export async function expectManyRows(client: ClientBase, rows: number = MANY_ROWS): Promise<void> {
  if (rows >= MANY_ROWS) await client.query("SET LOCAL enable_nestloop = off");
}
