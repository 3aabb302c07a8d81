import { WebSocket } from "ws";
import { classifyStatus } from "../classify-error";
import { kindOfNetworkCode, networkCodeOf } from "../classify-network-error";
import type { Dingtalk } from "../client";
import { DingtalkError, type DingtalkErrorInit } from "../errors";
import { answerTo, parseFrame, pong } from "./frames";
import type { Opening } from "./open-connection";
import { type StoreEvents, storeInBatches } from "./store-in-batches";
import { openTunnel } from "./tunnel";

/** A connection without a frame for this time is dead. @see docs/dingtalk/stream.md#rules-for-a-client */
const SILENCE_MS_MAX = 120_000;
const HANDSHAKE_MS_MAX = 10_000;
const FRAME_BYTES_MAX = 10 * 1024 * 1024;

/**
 * - `disconnect`: DingTalk announced the end and sends no new events
 * - `closed`: the connection was closed
 * - `silent`: no frame arrived for two minutes
 */
export type ConnectionEnd = {
  readonly reason: "disconnect" | "closed" | "silent";
  /** Until when events could arrive, in milliseconds since the epoch. */
  readonly aliveUntilMs: number;
};

export type Connection = {
  /** Resolves when a new connection is needed. Pending events are still answered after that. */
  readonly ended: Promise<ConnectionEnd>;
  /** Answers the events that have arrived, and closes the connection. */
  close(): Promise<void>;
};

export type ConnectionTools = {
  readonly dingtalk: Pick<Dingtalk, "now" | "sleep">;
  readonly proxyUrl?: string | undefined;
  readonly store: StoreEvents;
};

/** @throws {DingtalkError} if the WebSocket can't be opened, also after the signal */
export async function connect(
  { host, url }: Opening,
  tools: ConnectionTools,
  signal: AbortSignal,
): Promise<Connection> {
  const { proxyUrl } = tools;
  const fail = (init: Pick<DingtalkErrorInit, "kind"> & { upstream: object }) =>
    new DingtalkError({ api: "connect", kind: init.kind, upstream: { ...init.upstream, host } });
  // Errors of the socket can quote the address with its ticket, so only their code is passed on
  const failOf = (error: unknown) => {
    const networkCode = networkCodeOf(error);
    return fail({ kind: kindOfNetworkCode(networkCode ?? ""), upstream: { networkCode } });
  };
  let tunnel: Awaited<ReturnType<typeof openTunnel>> | undefined;
  try {
    if (proxyUrl !== undefined) tunnel = await openTunnel(proxyUrl, new URL(url.reveal()));
  } catch (error) {
    throw failOf(error);
  }
  const inTunnel = tunnel;
  const socket = new WebSocket(url.reveal(), {
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
    handshakeTimeout: HANDSHAKE_MS_MAX,
    ...(inTunnel && { createConnection: () => inTunnel as never }),
  });
  const giveUp = () => socket.terminate();
  signal.addEventListener("abort", giveUp, { once: true });
  return new Promise<Connection>((resolve, reject) => {
    socket.once("unexpected-response", (_, { statusCode: status = 0 }) => {
      reject(fail({ kind: classifyStatus(status).kind, upstream: { status } }));
      socket.terminate();
    });
    socket.on("error", (error) => reject(failOf(error)));
    // A frame can follow at once, so its listener is added before the promise's next step
    socket.once("open", () => resolve(serve(socket, tools)));
  }).finally(() => signal.removeEventListener("abort", giveUp));
}

function serve(socket: WebSocket, { dingtalk, store }: ConnectionTools): Connection {
  let aliveUntilMs = dingtalk.now();
  const isOver = new AbortController();
  const { promise: ended, resolve } = Promise.withResolvers<ConnectionEnd>();
  const end = (reason: ConnectionEnd["reason"], untilMs: number) => {
    isOver.abort();
    resolve({ reason, aliveUntilMs: untilMs });
  };
  const send = (text: string) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(text);
  };
  const batches = storeInBatches({
    store,
    answer: (messageId, answer) => send(answerTo(messageId, answer)),
    setPaused: (paused) => (paused ? socket.pause() : socket.resume()),
  });

  const close = async () => {
    end("closed", dingtalk.now());
    await batches.settle();
    socket.close(1000);
  };

  socket.on("message", (bytes) => {
    aliveUntilMs = dingtalk.now();
    const frame = parseFrame((bytes as Buffer).toString("utf8"));
    switch (frame.kind) {
      case "ping":
        return send(pong(frame.messageId, frame.data));
      case "disconnect":
        end("disconnect", aliveUntilMs);
        return void close();
      case "event":
        return batches.add(frame);
      case "malformed":
      case "unknown":
        return send(answerTo(frame.messageId, frame.kind));
      case "ignored":
    }
  });
  // WebSocket's own pings, which `ws` answers
  socket.on("ping", () => {
    aliveUntilMs = dingtalk.now();
  });
  socket.on("close", () => end("closed", dingtalk.now()));
  void watchSilence();

  async function watchSilence(): Promise<void> {
    for (;;) {
      const leftMs = aliveUntilMs + SILENCE_MS_MAX - dingtalk.now();
      if (leftMs <= 0) break;
      try {
        await dingtalk.sleep(leftMs, isOver.signal);
      } catch {
        return;
      }
    }
    end("silent", aliveUntilMs);
    socket.terminate();
  }

  return { ended, close };
}
