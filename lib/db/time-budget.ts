import "server-only";
import type { ClientBase, QueryResult, QueryResultRow } from "pg";

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
