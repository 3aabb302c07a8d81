import "server-only";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { log } from "@/lib/log";

/** What a channel's subscriber is told. Neither may throw. */
export type Subscriber = {
  readonly onPayload: (payload: string) => void;
  /** Listening has begun, anew too: whatever was announced before that was not heard. */
  readonly onListening: () => void;
};

const BEAT_MS = 300;
/** An answer proves that all that was announced before its question was heard. It is taken to hold for so long. */
const SURE_MS = 1_000;
const ANSWER_MS_MAX = 5_000;
const BACK_OFF_MS = 250;
const BACK_OFF_MS_MAX = 10_000;

/**
 * One connection that listens on any number of channels, and comes back by itself.
 *
 * A connection that nobody closed can be dead all the same, so it is asked all the time. One that doesn't answer for
 * a second is no longer relied on; as what is announced arrives in order, it is again with its next answer. After five
 * it is given up. It keeps no process alive: what is worth running has a reason of its own to run.
 */
export class Listener {
  readonly #connectionString: string;
  readonly #channels = new Map<string, Set<Subscriber>>();
  /** What the present connection listens to. */
  readonly #heard = new Set<string>();
  #client: pg.Client | undefined;
  #isOpening = false;
  #isClosed = false;
  #failures = 0;
  /** When the last question that was answered was asked, by the clock that nobody sets. */
  #sureAtMs = 0;

  constructor(connectionString: string) {
    this.#connectionString = connectionString;
  }

  /** Whether everything that is announced on the channel now is heard. */
  isListening(channel: string): boolean {
    return this.#heard.has(channel) && performance.now() - this.#sureAtMs < SURE_MS;
  }

  /** @returns what ends the subscription */
  add(channel: string, subscriber: Subscriber): () => void {
    const subscribers = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, subscribers.add(subscriber));
    if (this.#heard.has(channel)) subscriber.onListening();
    else if (this.#client) void this.#hear(this.#client, channel);
    else void this.#keepOpen();
    return () => subscribers.delete(subscriber);
  }

  /**
   * Asks over the connection that listens: for what lives as long as a session of the database does.
   * @returns `null` when there is none now, or it is lost meanwhile
   */
  async ask<Row>(text: string, values: readonly unknown[]): Promise<Row[] | null> {
    const client = this.#client;
    if (!client) return null;
    const asked = client.query(text, [...values]).then(({ rows }) => rows as Row[]);
    return asked.catch(() => null);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#heard.clear();
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
        const backOffMs = Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS * 2 ** this.#failures);
        this.#failures += 1;
        await delay(backOffMs * (0.5 + Math.random() / 2), undefined, { ref: false });
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
    });
    client.on("error", () => this.#lose(client));
    client.on("end", () => this.#lose(client));
    client.on("notification", ({ channel, payload = "" }) => {
      for (const subscriber of this.#channels.get(channel) ?? []) subscriber.onPayload(payload);
    });
    await client.connect();
    (client as pg.Client & { unref(): void }).unref();
    if (this.#isClosed) return client.end();
    this.#client = client;
    await Promise.all([...this.#channels.keys()].map((channel) => this.#hear(client, channel)));
    if (this.#client === client) {
      this.#failures = 0;
      this.#beat(client);
    }
  }

  async #hear(client: pg.Client, channel: string): Promise<void> {
    const askedAtMs = performance.now();
    try {
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch {
      return this.#lose(client);
    }
    if (this.#client !== client) return;
    this.#heard.add(channel);
    this.#sureAtMs = askedAtMs;
    for (const subscriber of this.#channels.get(channel) ?? []) subscriber.onListening();
  }

  #beat(client: pg.Client): void {
    const timer = setTimeout(() => {
      const askedAtMs = performance.now();
      client.query("SELECT 1").then(
        () => {
          if (this.#client !== client) return;
          this.#sureAtMs = askedAtMs;
          this.#beat(client);
        },
        () => this.#lose(client),
      );
    }, BEAT_MS);
    timer.unref();
  }

  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#heard.clear();
    client.end().catch(() => {});
    log.warn("the connection that listens to the database was lost");
    void this.#keepOpen();
  }
}
