import { z } from "zod";

const ms = z.number().int().positive();

const streamOptionsShape = {
  /** Interval of pings on each connection. */
  pingEveryMs: ms,
  /** Time until a connection without an answer to a ping is closed. */
  pongWithinMs: ms,
  /** Time from a `disconnect` frame until the connection is closed. */
  closeAfterMs: ms,
  /** Age at which a connection gets a `disconnect` frame; null for no limit. */
  lifetimeMs: ms.nullable(),
  /** Time until an event without an acknowledgment counts as failed. */
  ackWithinMs: ms,
  /** Time until a failed event is delivered again. */
  redeliverAfterMs: ms,
  /** No source tells the number of redeliveries. */
  redeliveriesMax: z.number().int().nonnegative(),
  /**
   * Refuses new connections: at the gateway with HTTP 400, at the WebSocket handshake with HTTP 403, or by closing the
   * WebSocket as soon as it is open.
   */
  refusal: z.enum(["gateway", "handshake", "after_open"]).nullable(),
};

export const streamOptionsPatch = z.strictObject(streamOptionsShape).partial();
export type StreamOptions = z.output<z.ZodObject<typeof streamOptionsShape>>;

export const STREAM_OPTIONS_DEFAULT: StreamOptions = {
  pingEveryMs: 30_000,
  pongWithinMs: 10_000,
  closeAfterMs: 10_000,
  lifetimeMs: null,
  ackWithinMs: 3_000,
  redeliverAfterMs: 60_000,
  redeliveriesMax: 3,
  refusal: null,
};
