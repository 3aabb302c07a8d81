import "server-only";
import type { ClientBase, QueryResult, QueryResultRow } from "pg";

/**
 * Returns a client whose statements share one time limit: each may take what the ones before it left. PostgreSQL's own
 * `statement_timeout` begins anew with every statement. When the time is up, the statement fails with SQLSTATE 57014.
 *
 * Must be used within a transaction, for the limit is set by `SET LOCAL`.
 */
export function withinTime(client: ClientBase, totalMs: number, now = () => performance.now()): ClientBase {
  const endMs = now() + totalMs;
  const query = async <Row extends QueryResultRow>(
    ...statement: [text: string, values?: unknown[]]
  ): Promise<QueryResult<Row>> => {
    // 0 would be no limit.
    const leftMs = Math.max(1, Math.floor(endMs - now()));
    // Queued at once: the limit costs no round trip of its own.
    const [, result] = await Promise.all([
      client.query(`SET LOCAL statement_timeout = ${leftMs}`),
      client.query<Row>(...statement),
    ]);
    return result;
  };
  return Object.create(client, { query: { value: query } }) as ClientBase;
}
