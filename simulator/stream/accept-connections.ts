import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { World } from "../world";
import { makeConnection, type Opening } from "./connection";

/** Accepts the WebSockets of stream mode at `/connect?ticket=…` of the simulator's HTTP server. */
export function acceptConnections(world: World, server: Server): void {
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (incoming, socket, head) => {
    const opening = authorize(world, incoming);
    const refusal = opening && world.stream.optionsOf(opening.appKey).refusal;
    if (!opening || refusal === "handshake") {
      refuse(socket, opening ? "403 Forbidden" : "401 Unauthorized");
      return;
    }
    sockets.handleUpgrade(incoming, socket, head, (webSocket) => {
      if (refusal === "after_open") webSocket.close();
      else addConnection(world, webSocket, opening);
    });
  });
}

/** Returns the opening of the request's ticket, and logs the request. */
function authorize(world: World, incoming: IncomingMessage): Opening | null {
  const url = new URL(incoming.url ?? "/", "http://simulator");
  const path = url.pathname.slice(1);
  const opening = path === "connect" ? world.stream.redeemTicket(url.searchParams.get("ticket") ?? "") : null;
  const app = opening ? world.apps.get(opening.appKey) : undefined;
  const caller = { appKey: app?.appKey ?? null, corpId: app?.corpId ?? null };
  const call = world.calls.begin({ at: world.clock.now(), host: "api", method: "GET", path, ...caller });
  world.calls.end(call, opening ? "ok" : "401");
  return opening;
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function addConnection(world: World, webSocket: WebSocket, opening: Opening): void {
  const { connections, optionsOf } = world.stream;
  const id = randomUUID();
  const connection = makeConnection(webSocket, {
    id,
    opening,
    clock: world.clock,
    options: () => optionsOf(opening.appKey),
    onClose: () => connections.delete(id),
  });
  connections.set(id, connection);
}
