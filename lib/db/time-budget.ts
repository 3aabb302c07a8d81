import "server-only";
import type { ClientBase, QueryResult, QueryResultRow } from "pg";

/**
 * Returns a client whose statements share one time limit. A statement beyond it fails with SQLSTATE 57014. Must be
 * used within a transaction, because it uses `SET LOCAL`.
 */
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
    // Both are sent together, so the limit costs no extra round trip.
    const [, result] = await Promise.all([
      client.query(`SET LOCAL statement_timeout = ${remainingMs}`),
      client.query<Row>(...statement),
    ]);
    return result;
  };
  return Object.create(client, { query: { value: query } }) as ClientBase;
}
