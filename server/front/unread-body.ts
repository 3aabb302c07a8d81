import type { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

/** A client that keeps a connection open after the server closed its half is disconnected after this idle time. */
const LINGER_MS = 5_000;

/** Node's server calls `_dump` for a request that no handler began to read. There is no public equivalent. */
type Dumpable = IncomingMessage & { _dump(): void };

const hasBody = ({ headers }: IncomingMessage) =>
  "transfer-encoding" in headers || Number(headers["content-length"] ?? 0) > 0;

/**
 * Discards the unread part of a request's body after the response was sent. Otherwise the socket stays paused, and the
 * next request on the same keep-alive connection, which may belong to another client behind a proxy, hangs until it is
 * reset. The time limit for receiving a request bounds the duration.
 *
 * `resume()` is not enough: Next destroys the request when parsing fails, and a destroyed stream never reads again.
 *
 * A connection to be closed is closed on the server's half first. Closing both halves with unread data would reset the
 * connection, and the client could lose the response.
 */
export function discardUnreadBody(request: IncomingMessage, response: ServerResponse): void {
  if (!hasBody(request)) return;
  // Next's stream pipeline sets `request.socket` to null.
  const { socket } = request;
  const discard = () => {
    if (request.complete) return;
    (request as Dumpable)._dump();
    socket.resume();
  };
  response.once("finish", discard);
  socket.destroySoon = () => {
    if (request.complete) return Socket.prototype.destroySoon.call(socket);
    discard();
    socket.setTimeout(LINGER_MS, () => socket.destroy());
    socket.end();
  };
}
