import "server-only";
import pg from "pg";

/** Sends a notification over the application's pool. */
export type Announce = (channel: string, payload: string) => Promise<unknown>;

/** LISTEN succeeded and notifications do not arrive. */
export class NotDeliveredError extends Error {
  override readonly name = "NotDeliveredError";
}

/**
 * Proves that `client` receives notifications, by announcing a nonce on a separate channel.
 *
 * PostgreSQL delivers pending notifications before it answers a query, so the nonce must arrive before the answer to a
 * query sent after it. Poolers in transaction mode accept LISTEN without delivering anything; another database does too.
 *
 * @throws {NotDeliveredError} when the nonce does not arrive
 * @throws errors of `announce` and of the connection, which prove nothing
 */
export async function proveDelivery(client: pg.ClientBase, announce: Announce): Promise<void> {
  const nonce = crypto.randomUUID();
  const channel = `dingkeep_proof_${nonce}`;
  let hasArrived = false;
  const receive = (notification: pg.Notification) => {
    if (notification.channel === channel) hasArrived = true;
  };
  client.on("notification", receive);
  try {
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    await announce(channel, nonce);
    await client.query("SELECT 1");
    if (!hasArrived) throw new NotDeliveredError("LISTEN is accepted but delivers nothing");
    await client.query(`UNLISTEN ${pg.escapeIdentifier(channel)}`);
  } finally {
    client.off("notification", receive);
  }
}
