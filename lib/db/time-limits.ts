import "server-only";
import type { ClientBase, QueryResult, QueryResultRow } from "pg";

/** Time limits of units of work. Bulk work uses a separate pool. */
export const LIMITS = {
  interactive: { totalMs: 10_000, statementMs: null, lockMs: null, isBulk: false },
  bulk: { totalMs: 120_000, statementMs: 60_000, lockMs: null, isBulk: true },
  /** Planning or writing a directory of half a million people, and waiting for another sync of it. */
  directory: { totalMs: 900_000, statementMs: 300_000, lockMs: 300_000, isBulk: true },
} as const;

export type Limits = (typeof LIMITS)[keyof typeof LIMITS];

/** A request that gets no connection in this time fails as `unavailable` (S30). */
export const CONNECTION_WAIT_MS = 5_000;

/** Shares one time limit among a client's statements within a transaction. Beyond it they fail with SQLSTATE 57014. */
export function withTimeBudget(
  client: ClientBase,
  totalMs: number,
  now = () => performance.now(),
): ClientBase {
  const endMs = now() + totalMs;
  const query = async <Row extends QueryResultRow>(
    ...statement: [text: string, values?: unknown[]]
  ): Promise<QueryResult<Row>> => {
    // 0 would mean no limit.
    const remainingMs = Math.max(1, Math.floor(endMs - now()));
    const [, result] = await Promise.all([
      client.query(`SET LOCAL statement_timeout = ${remainingMs}`),
      client.query<Row>(...statement),
    ]);
    return result;
  };
  return Object.create(client, { query: { value: query } }) as ClientBase;
}
