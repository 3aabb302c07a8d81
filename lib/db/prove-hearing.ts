import "server-only";
import pg from "pg";

/** Sends a notification over the connections that announce changes. */
export type Announce = (channel: string, payload: string) => Promise<unknown>;

/** LISTEN succeeded and notifications do not arrive. */
export class DeafListen extends Error {
  override readonly name = "DeafListen";
}

/**
 * Proves that `client` receives what is announced: announces a nonce and waits for it on a channel of its own.
 *
 * PostgreSQL delivers pending notifications before it answers a query, so a query that is asked after the nonce was
 * committed and answered before the nonce arrived shows a deaf connection. A pooler in transaction mode accepts LISTEN
 * and delivers nothing; so does an address of another database.
 *
 * @throws {DeafListen} when the nonce does not arrive
 * @throws what `announce` or the connection throws; then nothing is known
 */
export async function proveHearing(client: pg.ClientBase, announce: Announce): Promise<void> {
  const nonce = crypto.randomUUID();
  const channel = `dingkeep_proof_${nonce}`;
  let isHeard = false;
  const hear = (heard: pg.Notification) => {
    if (heard.channel === channel) isHeard = true;
  };
  client.on("notification", hear);
  try {
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    await announce(channel, nonce);
    await client.query("SELECT 1");
    if (!isHeard) throw new DeafListen("LISTEN is accepted and delivers nothing");
    await client.query(`UNLISTEN ${pg.escapeIdentifier(channel)}`);
  } finally {
    client.off("notification", hear);
  }
}
