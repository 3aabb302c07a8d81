import type { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { followAction } from "@/lib/http/action-course";

/** A client that keeps a connection open after the server closed its half is disconnected after this idle time. */
const LINGER_MS = 5_000;

/** `_dump` is what Node's server calls for a request that no handler began to read. It has no public name. */
type Dumpable = IncomingMessage & { _dump(): void };

const hasBody = ({ headers }: IncomingMessage) =>
  "transfer-encoding" in headers || Number(headers["content-length"] ?? 0) > 0;

/**
 * Discards the part of a request's body that is still unread when the response has been sent. Without this, the socket
 * stays paused and the next request on the same keep-alive connection, which may be another client's behind a proxy,
 * hangs until it is reset. The time limit for receiving a request bounds how long this can take.
 *
 * `resume()` isn't enough: Next destroys the request when parsing fails, and a destroyed stream never reads again.
 *
 * When the connection is to be closed, the server closes only its own half first. Closing both with unread data left
 * would reset the connection, and the client could lose the response.
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

/** Whether a request sends a form, for which Next runs an action of a page. Next answers 500 when it can't read the body. */
export const isForm = ({ method, headers }: IncomingMessage): boolean =>
  method === "POST" &&
  (headers["next-action"] !== undefined || (headers["content-type"] ?? "").startsWith("multipart/form-data"));

/** Hands a form to Next. A failure before the action has begun is the request's fault: 400 instead of 500. */
export function handleForm(response: ServerResponse, handle: () => Promise<void>): Promise<void> {
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  return followAction((hasBegun) => {
    response.writeHead = (status: number, ...head: unknown[]) =>
      writeHead(status === 500 && !hasBegun() ? 400 : status, ...head);
    return handle();
  });
}
