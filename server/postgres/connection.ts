import pg from "pg";

/** The embedded PostgreSQL listens on loopback only. */
export const HOST = "127.0.0.1";

/** Passwords of the superuser, the owner of the tables, and the application. */
export type Passwords = { readonly admin: string; readonly owner: string; readonly app: string };

/** Returns a role's address for a database of the embedded PostgreSQL. */
export const urlOf = (role: string, password: string, port: number, database: string) =>
  `postgresql://${role}:${password}@${HOST}:${port}/${database}`;

/**
 * Runs statements in sequence on a new connection.
 *
 * @returns the values of each statement, with its rows joined
 */
export async function query(url: string, statements: readonly string[]): Promise<unknown[][]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    const answers: unknown[][] = [];
    for (const statement of statements) {
      answers.push((await client.query({ text: statement, rowMode: "array" })).rows.flat() as unknown[]);
    }
    return answers;
  } finally {
    await client.end();
  }
}
