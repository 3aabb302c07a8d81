import type { Dingtalk } from "../client";
import type { DingtalkErrorKind } from "../error-kinds";
import { DingtalkError } from "../errors";
import { type Connection, type ConnectionEnd, type ConnectionTools, connect } from "./connection";
import { openConnection, type StreamApp } from "./open-connection";

const BACK_OFF_MS = 1_000;
const BACK_OFF_MS_MAX = 60_000;
/** A connection that lasts this long ends the back-off. */
const STABLE_MS = 60_000;
/** Pause after a failure that a person has to fix. `retryNow` ends the pause. */
const REFUSED_MS = 10 * 60_000;

/** DingTalk also refuses connections without a code, for unknown reasons. */
const UNCLEAR: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>(["unknown_code"]);

export type StreamClientOptions = Omit<ConnectionTools, "dingtalk"> & {
  readonly dingtalk: Dingtalk;
  /** Loads the current secret before each attempt. `null` ends the client. */
  readonly loadApp: () => Promise<StreamApp | null>;
  /**
   * Called after each opening. A rejection counts as a failed attempt.
   *
   * @param aliveUntilMs until when events could arrive before; `null` for this client's first connection
   */
  readonly onOpen: (aliveUntilMs: number | null) => Promise<void>;
  readonly onEnd: (end: ConnectionEnd) => Promise<void>;
  /** Called after each failed attempt, also for failures that are not DingTalk's. */
  readonly onFailure: (error: unknown) => Promise<void>;
};

export type StreamClient = {
  /** Returns whether the client ended without `stop`, because its app needed no connection. */
  isOver(): boolean;
  /** Ends a pause before the next attempt. */
  retryNow(): void;
  /** Answers the events that have arrived, closes the connection and opens no other. */
  stop(): Promise<void>;
};

/**
 * Keeps an app connected until `stop`. After DingTalk announces the end of a connection, the next one is opened while
 * the old one is still open.
 *
 * @see docs/dingtalk/stream.md#rules-for-a-client
 */
export function startStream(options: StreamClientOptions): StreamClient {
  const { now, random, sleep } = options.dingtalk;
  const stopped = new AbortController();
  let pausing = new AbortController();
  let connection: Connection | null = null;
  let aliveUntilMs: number | null = null;

  async function pause(ms: number): Promise<void> {
    pausing = new AbortController();
    if (!stopped.signal.aborted) await sleep(ms, pausing.signal).catch(() => {});
  }

  async function open(): Promise<Connection | null> {
    const app = await options.loadApp();
    if (app === null) {
      stopped.abort();
      return null;
    }
    const dingtalk = { ...options.dingtalk, triesMax: 1 };
    const opened = await connect(
      await openConnection(dingtalk, app, stopped.signal),
      options,
      stopped.signal,
    );
    try {
      await options.onOpen(aliveUntilMs);
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  /** Resolves at the end of a connection. */
  async function useConnection(opened: Connection): Promise<ConnectionEnd> {
    connection = opened;
    if (stopped.signal.aborted) await opened.close();
    const end = await opened.ended;
    connection = null;
    ({ aliveUntilMs } = end);
    await options.onEnd(end);
    return end;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopped.signal.aborted) {
      try {
        const opened = await open();
        if (opened === null) return;
        const openedAtMs = now();
        const { reason } = await useConnection(opened);
        failures = now() - openedAtMs >= STABLE_MS ? 0 : failures + 1;
        if (reason === "disconnect" && failures <= 1) continue;
        await pause(backOffMs(Math.max(1, failures), random()));
      } catch (error) {
        if (stopped.signal.aborted) return;
        failures += 1;
        await options.onFailure(error);
        await pause(isRefusal(error) ? REFUSED_MS : backOffMs(failures, random()));
      }
    }
  }

  const running = run();
  return {
    isOver: () => stopped.signal.aborted,
    retryNow: () => pausing.abort(),
    async stop() {
      stopped.abort();
      pausing.abort();
      await connection?.close();
      await running;
    },
  };
}

/** Returns the pause after a number of failures in a row: 1 to 60 s, of which half is random. */
export const backOffMs = (failures: number, random: number): number =>
  Math.max(BACK_OFF_MS, Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS * 2 ** failures) * (0.5 + random / 2));

const isRefusal = (error: unknown): boolean =>
  error instanceof DingtalkError && error.retry === "no" && !UNCLEAR.has(error.kind);
