import "server-only";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { log } from "@/lib/log";
import { type Announce, DeafListen, proveHearing } from "./prove-hearing";

/** What a channel's subscriber is told. Neither may throw. */
export type Subscriber = {
  readonly onPayload: (payload: string) => void;
  /** Listening has begun, anew too: whatever was announced before that was not heard. */
  readonly onListening: () => void;
};

const BEAT_MS = 300;
/** Interval of the proofs that what the pool announces arrives here, for an address that changes its target later. */
const PROVE_EVERY_MS = 5_000;
/** An answer proves that all that was announced before its question was heard. It is taken to hold for so long. */
const SURE_MS = 1_000;
const ANSWER_MS_MAX = 5_000;
const BACK_OFF_MS = 250;
const BACK_OFF_MS_MAX = 10_000;

export type ListenerOptions = {
  /** Announces over the connections that the application writes with. */
  readonly announce: Announce;
  /** Milliseconds of a clock that nobody sets. */
  readonly now?: () => number;
  readonly pause?: (ms: number) => Promise<unknown>;
};

/**
 * One connection that listens on any number of channels, and comes back by itself.
 *
 * A connection counts as listening only after a nonce that the application's connections announced has arrived.
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

  /** Whether everything that is announced on the channel now is heard. */
  isListening(channel: string): boolean {
    return this.#heard.has(channel) && this.#now() - this.#sureAtMs < SURE_MS;
  }

  /** @returns what ends the subscription */
  add(channel: string, subscriber: Subscriber): () => void {
    const subscribers = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, subscribers.add(subscriber));
    if (this.#heard.has(channel)) subscriber.onListening();
    else if (this.#client) void this.#hearToo(this.#client, channel);
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
        await this.#pause(backOffMs * (0.5 + Math.random() / 2));
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
      // Beats, proofs and shared locks are asked beside each other.
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
      await proveHearing(client, this.#announce);
      if (this.#isClosed) return await client.end();
      this.#client = client;
      await Promise.all([...this.#channels.keys()].map((channel) => this.#hear(client, channel)));
    } catch (error) {
      this.#client = undefined;
      this.#heard.clear();
      client.end().catch(() => {});
      throw error;
    }
    if (this.#isClosed) return;
    if (this.#client !== client) throw new Error("the connection was lost while it was opened");
    this.#failures = 0;
    this.#beat(client);
    void this.#keepProving(client);
  }

  async #hear(client: pg.Client, channel: string): Promise<void> {
    const askedAtMs = this.#now();
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    if (this.#client !== client) return;
    this.#heard.add(channel);
    this.#sureAtMs = askedAtMs;
    for (const subscriber of this.#channels.get(channel) ?? []) subscriber.onListening();
  }

  /** Adds a channel to a connection that is open already. */
  async #hearToo(client: pg.Client, channel: string): Promise<void> {
    await this.#hear(client, channel).catch(() => this.#lose(client));
  }

  #beat(client: pg.Client): void {
    const timer = setTimeout(() => {
      const askedAtMs = this.#now();
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

  /** A proof that could not be made says nothing: whether the connection answers is the beat's question. */
  async #keepProving(client: pg.Client): Promise<void> {
    for (;;) {
      await this.#pause(PROVE_EVERY_MS);
      if (this.#client !== client) return;
      await proveHearing(client, this.#announce).catch((error: unknown) => {
        if (error instanceof DeafListen) this.#lose(client);
      });
    }
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
