import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import type { Clock } from "../clock";
import type { AttemptResult } from "../events/push-queue";
import { type Ack, type Frame, parseAck, systemFrame } from "./frames";
import type { StreamOptions } from "./stream-options";

/** Topic to which a connection subscribes. */
export type StreamTopic = { readonly type: string; readonly topic: string };

/** Data that the app sent when it opened the connection. */
export type Opening = {
  readonly appKey: string;
  readonly subscriptions: readonly StreamTopic[];
  readonly ua: string;
  readonly localIp: string;
};

export type Connection = ReturnType<typeof makeConnection>;

type Options = {
  readonly id: string;
  readonly opening: Opening;
  readonly clock: Clock;
  /** Returns the app's options at this time. */
  readonly options: () => StreamOptions;
  readonly onClose: () => void;
};

/** A frame that waits for its acknowledgment. Null means that the connection was closed. */
type Waiting = { readonly messageId: string; readonly settle: (ack: Ack | null) => void };

const DISCONNECT_REASON = "persistent connection is timeout";

/** Serves one WebSocket of an app: pings, delivers events, and closes. */
export function makeConnection(socket: WebSocket, { id, opening, clock, options, onClose }: Options) {
  const openedAt = clock.now();
  /** Sent frames without an acknowledgment. Copies of a frame have one message id, and one acknowledgment is enough. */
  const waiting = new Set<Waiting>();
  /** Pings that wait for an answer. */
  const pings = new Set<Promise<void>>();
  const cancels = new Set<() => void>();
  let state: "open" | "disconnecting" | "muted" = "open";
  let events = 0;
  let acknowledged = 0;

  /** Runs a task unless the connection is closed before. */
  function later(ms: number, task: () => void): () => void {
    const stop = clock.after(ms, () => {
      cancels.delete(cancel);
      task();
    });
    function cancel(): void {
      cancels.delete(cancel);
      stop();
    }
    cancels.add(cancel);
    return cancel;
  }

  /** Sends a frame. Resolves with its acknowledgment, or null after a time or at the end of the connection. */
  function exchange(frame: Frame, withinMs: number): Promise<Ack | null | "timeout"> {
    if (state !== "muted") socket.send(JSON.stringify(frame));
    return new Promise((resolve) => {
      const cancel = later(withinMs, () => settle("timeout"));
      function settle(result: Ack | null | "timeout"): void {
        cancel();
        waiting.delete(sent);
        resolve(result);
      }
      const sent = { messageId: frame.headers.messageId, settle };
      waiting.add(sent);
    });
  }

  async function ping(): Promise<void> {
    if (state !== "open") return;
    const opaque = randomUUID();
    const ack = await exchange(systemFrame("ping", { opaque }, clock.now()), options().pongWithinMs);
    if (ack === "timeout") socket.terminate();
    else if (ack && isPong(ack, opaque)) acknowledged += 1;
    else socket.terminate();
  }

  function pingLater(): void {
    later(options().pingEveryMs, () => {
      const running = ping().finally(() => pings.delete(running));
      pings.add(running);
      pingLater();
    });
  }

  /** Announces the end. The connection gets no new events, but may still acknowledge earlier ones. */
  function disconnect(reason = DISCONNECT_REASON): void {
    if (state !== "open") return;
    socket.send(JSON.stringify(systemFrame("disconnect", { reason }, clock.now())));
    state = "disconnecting";
    later(options().closeAfterMs, () => socket.terminate());
  }

  socket.on("message", (data) => {
    const ack = parseAck((data as Buffer).toString("utf8"));
    if (!ack || state === "muted") return;
    for (const { messageId, settle } of waiting) if (messageId === ack.messageId) settle(ack);
  });
  // The close event follows, and ends everything that waits.
  socket.on("error", () => socket.terminate());
  socket.on("close", () => {
    for (const cancel of cancels) cancel();
    for (const { settle } of waiting) settle(null);
    onClose();
  });
  const { lifetimeMs } = options();
  if (lifetimeMs !== null) later(lifetimeMs, disconnect);
  pingLater();

  return {
    id,
    appKey: opening.appKey,
    /** Returns whether new events of a type may be sent here. */
    takes: (eventType: string): boolean =>
      state !== "disconnecting" &&
      opening.subscriptions.some(
        ({ type, topic }) => type === "EVENT" && (topic === "*" || topic === eventType),
      ),
    async deliver(frame: Frame): Promise<AttemptResult> {
      events += 1;
      const withConnection = { ...frame, headers: { ...frame.headers, connectionId: id } };
      const result = toResult(await exchange(withConnection, options().ackWithinMs));
      if (result.ok) acknowledged += 1;
      return { ...result, connectionId: id };
    },
    disconnect,
    /** Stops sending and reading without closing. DingTalk still chooses the connection for events. */
    mute(): void {
      state = "muted";
    },
    /** Closes the TCP connection without a close frame. */
    kill: (): void => socket.terminate(),
    /** Resolves when no ping waits for an answer. */
    async settlePings(): Promise<void> {
      while (pings.size > 0) await Promise.all(pings);
    },
    summary: () => ({ ...opening, id, openedAt, state, events, acknowledged }),
  };
}

const isPong = ({ code, data }: Ack, opaque: string): boolean =>
  code === 200 && fieldOf(data, "opaque") === opaque;

/**
 * Evaluates the answer to an event.
 *
 * @see docs/dingtalk/stream.md#delivery
 */
function toResult(ack: Ack | null | "timeout"): AttemptResult {
  if (ack === "timeout") return { ok: false, reason: "timeout" };
  if (ack === null) return { ok: false, reason: "closed" };
  if (ack.code !== 200) return { ok: false, reason: "code", detail: String(ack.code) };
  const status = fieldOf(ack.data, "status");
  if (status === "SUCCESS") return { ok: true, reason: "success" };
  return status === "LATER" ? { ok: false, reason: "later" } : { ok: false, reason: "no_status" };
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
