import "server-only";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { log } from "@/lib/log";
import { type Announce, NotDeliveredError, proveDelivery } from "./prove-delivery";

/** Callbacks of a channel's subscriber. They must not throw. */
export type Subscriber = {
  readonly onPayload: (payload: string) => void;
  /** Called whenever listening begins, also after a reconnect: earlier notifications may be lost. */
  readonly onListening: () => void;
};

const HEARTBEAT_MS = 300;
/** Interval of the proofs that notifications arrive, in case the address leads to another database later. */
const PROOF_INTERVAL_MS = 5_000;
/** An answered query proves that every notification sent before it has arrived. The proof is trusted for this long. */
const TRUST_MS = 1_000;
const ANSWER_MS_MAX = 5_000;
const BACKOFF_MS = 250;
const BACKOFF_MS_MAX = 10_000;

export type ListenerOptions = {
  readonly announce: Announce;
  readonly now?: () => number;
  readonly pause?: (ms: number) => Promise<unknown>;
};

/**
 * Listens on many channels over one connection, which reconnects after a loss. The connection is trusted once a nonce
 * from the application's pool has arrived, and while it answers a query every 300 ms. After a second without an answer
 * it is not trusted; after five it is replaced. It doesn't keep the process alive.
 */
export class Listener {
  readonly #connectionString: string;
  readonly #channels = new Map<string, Set<Subscriber>>();
  readonly #listened = new Set<string>();
  #client: pg.Client | undefined;
  #isOpening = false;
  #isClosed = false;
  #failures = 0;
  /** When the last answered query was sent. */
  #provenAtMs = 0;
  readonly #announce: Announce;
  readonly #now: () => number;
  readonly #pause: (ms: number) => Promise<unknown>;

  constructor(
    connectionString: string,
    {
      announce,
      now = () => performance.now(),
      pause = (ms) => delay(ms, undefined, { ref: false }),
    }: ListenerOptions,
  ) {
    this.#connectionString = connectionString;
    this.#announce = announce;
    this.#now = now;
    this.#pause = pause;
  }

  isListening(channel: string): boolean {
    return this.#listened.has(channel) && this.#now() - this.#provenAtMs < TRUST_MS;
  }

  add(channel: string, subscriber: Subscriber): () => void {
    const subscribers = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, subscribers.add(subscriber));
    if (this.#listened.has(channel)) subscriber.onListening();
    else if (this.#client) void this.#addChannel(this.#client, channel);
    else void this.#keepOpen();
    return () => subscribers.delete(subscriber);
  }

  /** Runs a query in the listening session, for locks that last as long. @returns `null` without a connection */
  async query<Row>(text: string, values: readonly unknown[]): Promise<Row[] | null> {
    const client = this.#client;
    if (!client) return null;
    const answer = client.query(text, [...values]).then(({ rows }) => rows as Row[]);
    return answer.catch(() => null);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listened.clear();
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => {});
  }

  async #keepOpen(): Promise<void> {
    if (this.#isOpening) return;
    this.#isOpening = true;
    while (!this.#isClosed && !this.#client) {
      try {
        await this.#open();
      } catch (error) {
        if (this.#failures === 0) log.warn("listening to the database failed", { error });
        const backoffMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** this.#failures);
        this.#failures += 1;
        await this.#pause(backoffMs * (0.5 + Math.random() / 2));
      }
    }
    this.#isOpening = false;
  }

  async #open(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#connectionString,
      application_name: "dingkeep-listen",
      connectionTimeoutMillis: ANSWER_MS_MAX,
      query_timeout: ANSWER_MS_MAX,
      keepAlive: true,
      pipeline: true,
    });
    client.on("error", () => this.#lose(client));
    client.on("end", () => this.#lose(client));
    client.on("notification", ({ channel, payload = "" }) => {
      for (const subscriber of this.#channels.get(channel) ?? []) subscriber.onPayload(payload);
    });
    await client.connect();
    (client as pg.Client & { unref(): void }).unref();
    try {
      await proveDelivery(client, this.#announce);
      if (this.#isClosed) return await client.end();
      this.#client = client;
      await Promise.all([...this.#channels.keys()].map((channel) => this.#listen(client, channel)));
    } catch (error) {
      this.#client = undefined;
      this.#listened.clear();
      client.end().catch(() => {});
      throw error;
    }
    if (this.#isClosed) return;
    if (this.#client !== client) throw new Error("the connection was lost while it was opened");
    this.#failures = 0;
    this.#heartbeat(client);
    void this.#keepProving(client);
  }

  async #listen(client: pg.Client, channel: string): Promise<void> {
    const sentAtMs = this.#now();
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    if (this.#client !== client) return;
    this.#listened.add(channel);
    this.#provenAtMs = sentAtMs;
    for (const subscriber of this.#channels.get(channel) ?? []) subscriber.onListening();
  }

  async #addChannel(client: pg.Client, channel: string): Promise<void> {
    await this.#listen(client, channel).catch(() => this.#lose(client));
  }

  #heartbeat(client: pg.Client): void {
    const timer = setTimeout(() => {
      const sentAtMs = this.#now();
      client.query("SELECT 1").then(
        () => {
          if (this.#client !== client) return;
          this.#provenAtMs = sentAtMs;
          this.#heartbeat(client);
        },
        () => this.#lose(client),
      );
    }, HEARTBEAT_MS);
    timer.unref();
  }

  /** A proof that can't be attempted changes nothing, because heartbeats detect a dead connection. */
  async #keepProving(client: pg.Client): Promise<void> {
    for (;;) {
      await this.#pause(PROOF_INTERVAL_MS);
      if (this.#client !== client) return;
      await proveDelivery(client, this.#announce).catch((error: unknown) => {
        if (error instanceof NotDeliveredError) this.#lose(client);
      });
    }
  }

  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#listened.clear();
    client.end().catch(() => {});
    log.warn("the connection that listens to the database was lost");
    void this.#keepOpen();
  }
}
