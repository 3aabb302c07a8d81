import "server-only";
import pg from "pg";

export type Announce = (channel: string, payload: string) => Promise<unknown>;

export class NotDeliveredError extends Error {
  override readonly name = "NotDeliveredError";
}

/**
 * Proves that `client` receives notifications, by announcing a nonce. PostgreSQL delivers pending notifications before
 * it answers a later query. Poolers in transaction mode accept LISTEN but deliver nothing.
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
