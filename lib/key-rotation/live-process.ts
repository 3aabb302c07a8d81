import "server-only";
import type pg from "pg";
import { fingerprintOf, type KeyRing } from "@/lib/crypto/envelope";
import { ADVISORY_LOCKS } from "@/lib/db/advisory-locks";
import { asUserSql } from "@/lib/db/unit-of-work";
import { ConfigurationError } from "@/lib/env";
import { resealCounterKey } from "@/lib/limits/hashed-key";
import { log } from "@/lib/log";
import { keyRing, sealWith } from "@/lib/secrets/sealed-secrets";
import { keysInUse } from "./count-keys";

const BEAT_MS = 3_000;
/** A process that isn't heard of for this long counts as gone: four beats may get lost. */
const LAPSE_SECONDS = 15;

const LIVE = `seen_at > now() - interval '${LAPSE_SECONDS} s'`;

/** Also puts it back when it had lapsed, and takes away those that did long ago. */
const BEAT = `
  WITH gone AS (DELETE FROM live_process WHERE seen_at < now() - interval '${10 * LAPSE_SECONDS} s'),
  beat AS (INSERT INTO live_process (id, key_hashes, sealing_hash) VALUES ($1::uuid, $2::text[], $3::text)
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, sealing_hash = excluded.sealing_hash)
  SELECT key_hashes AS "keyHashes" FROM live_process WHERE ${LIVE} AND id <> $1::uuid`;

const OTHERS = `
  SELECT key_hashes AS "keyHashes", sealing_hash AS "sealingHash" FROM live_process WHERE ${LIVE} AND id <> $1::uuid`;

const NOTE_KEYS = "INSERT INTO sealing_key (hash) SELECT unnest($1::text[]) ON CONFLICT (hash) DO NOTHING";

/** What the live processes other than this one have, and seal with. */
export type OtherProcess = { readonly keyHashes: readonly string[]; readonly sealingHash: string | null };

/** The tables of counters belong to nobody, so any scope will do. */
const inTransaction = <T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> =>
  asUserSql({ userId: crypto.randomUUID() }, work);

/** One after another, across all processes: each sees what the one before it decided. */
const whileDeciding = <T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> =>
  inTransaction(async (client) => {
    await client.query("SELECT pg_advisory_xact_lock($1)", [ADVISORY_LOCKS.sealingKeys]);
    return work(client);
  });

/** The first key of a ring that all others have too; `null` when there is none. */
const firstOfAll = (ring: KeyRing, others: readonly Pick<OtherProcess, "keyHashes">[]): string | null =>
  [...ring].find(([id, key]) => {
    const hash = fingerprintOf(id, key);
    return others.every(({ keyHashes }) => keyHashes.includes(hash));
  })?.[0] ?? null;

const lacks = (ids: Iterable<string>) =>
  new ConfigurationError(
    `ENCRYPTION_KEYS can't open what is sealed with the key ${[...ids].sort().join(", ")}: it isn't there, or another one is; put it behind the first.`,
  );

/**
 * This process among those that live, as the database knows them. A key seals only when every live process can open
 * with it; so a new one is put first in each process's ring, one restart after another, and writes from the last on.
 *
 * What the database was last heard to say holds until it says something else: who can't reach it writes nothing.
 */
export class LiveProcess {
  readonly id = crypto.randomUUID();
  readonly #ring: KeyRing;
  readonly #use: (keyId: string) => void;
  readonly #hashes: ReadonlyMap<string, string>;
  #keyId: string | null = null;

  /** @param use is told the key to seal with, at first and when it changes */
  constructor(ring: KeyRing, use: (keyId: string) => void) {
    this.#ring = ring;
    this.#use = use;
    this.#hashes = new Map([...ring].map(([id, key]) => [id, fingerprintOf(id, key)]));
  }

  /** The key that this process seals with; `null` before it has joined. */
  get keyId(): string | null {
    return this.#keyId;
  }

  /**
   * Makes it known, once its ring opens everything that is sealed. That costs two questions, for the keys that may have
   * sealed anything are noted; only where one of them is missing are the values themselves asked.
   *
   * @throws {ConfigurationError} naming the keys that the ring lacks
   */
  async join(): Promise<void> {
    if (await whileDeciding((client) => this.#enter(client, null))) return;
    const { all, lacking } = await keysInUse(this.#ring, new AbortController().signal);
    if (lacking.size > 0) throw lacks(lacking);
    await whileDeciding((client) => this.#enter(client, all));
  }

  /** @param inUse the keys that values were found to be sealed with, when they were asked */
  async #enter(client: pg.ClientBase, inUse: ReadonlySet<string> | null): Promise<boolean> {
    const own = new Set(this.#hashes.values());
    const { rows: noted } = await client.query<{ hash: string }>("SELECT hash FROM sealing_key");
    const missing = noted.filter(({ hash }) => !own.has(hash)).map(({ hash }) => hash);
    if (inUse === null && (noted.length === 0 || missing.length > 0)) return false;
    const { rows: others } = await client.query<OtherProcess>(OTHERS, [this.id]);
    if (others.some(({ sealingHash }) => sealingHash !== null && missing.includes(sealingHash)))
      throw new ConfigurationError(
        "ENCRYPTION_KEYS lacks the key that the running servers seal with; give this one the same keys.",
      );
    await client.query(NOTE_KEYS, [[...(inUse ?? [])].map((id) => this.#hashes.get(id) ?? "")]);
    await this.#decide(client, others);
    return true;
  }

  /** A key is noted before anything is sealed with it, and in the transaction in which everybody was seen to have it. */
  async #decide(client: pg.ClientBase, others: readonly OtherProcess[]): Promise<void> {
    const keyId = firstOfAll(this.#ring, others) ?? this.#keyId ?? [...this.#ring.keys()].at(-1) ?? "";
    const hash = this.#hashes.get(keyId) ?? "";
    await client.query(NOTE_KEYS, [[hash]]);
    await resealCounterKey(client, this.#ring, keyId);
    await client.query(BEAT, [this.id, [...this.#hashes.values()], hash]);
    this.#keyId = keyId;
    this.#use(keyId);
  }

  /** Says that it lives, hears who else does, and changes the key when that asks for another one. */
  async beat(): Promise<void> {
    const hash = this.#hashes.get(this.#keyId ?? "") ?? null;
    const { rows } = await inTransaction((client) =>
      client.query<OtherProcess>(BEAT, [this.id, [...this.#hashes.values()], hash]),
    );
    if ((firstOfAll(this.#ring, rows) ?? this.#keyId) === this.#keyId) return;
    const before = this.#keyId;
    await whileDeciding(async (client) =>
      this.#decide(client, (await client.query<OtherProcess>(OTHERS, [this.id])).rows),
    );
    if (before !== this.#keyId) log.info("another key seals from now on", { keyId: this.#keyId });
  }

  /** The processes beside this one: how many have each key of the ring, and how many seal with it. */
  async others(): Promise<OtherProcess[]> {
    return (await inTransaction((client) => client.query<OtherProcess>(OTHERS, [this.id]))).rows;
  }

  /**
   * Forgets that anything was ever sealed with another key than this one, so that a ring without them may join.
   *
   * @returns whether it could: no live process seals with another one
   */
  forgetAllBut(keyId: string): Promise<boolean> {
    const hash = this.#hashes.get(keyId) ?? "";
    return whileDeciding(async (client) => {
      const { rows } = await client.query<OtherProcess>(OTHERS, [this.id]);
      if (rows.some(({ sealingHash }) => sealingHash !== hash)) return false;
      await client.query("DELETE FROM sealing_key WHERE hash <> $1", [hash]);
      return true;
    });
  }

  /** Others need no longer reckon with it. */
  async leave(): Promise<void> {
    await inTransaction((client) => client.query("DELETE FROM live_process WHERE id = $1", [this.id]));
  }
}

/** A process that has joined, and what makes it leave at its end. */
export type Joined = { readonly process: LiveProcess; readonly leave: () => Promise<void> };

/**
 * Joins with the ring of ENCRYPTION_KEYS, and says every few seconds that it lives.
 *
 * @throws {ConfigurationError} when the ring lacks a key that something is sealed with
 */
export async function joinLiveProcesses(): Promise<Joined> {
  const process = new LiveProcess(keyRing(), sealWith);
  await process.join();
  let beating: Promise<void> | undefined;
  const timer = setInterval(() => {
    beating ??= process
      .beat()
      .catch((error: unknown) => log.warn("this process could not say that it lives", { error }))
      .finally(() => {
        beating = undefined;
      });
  }, BEAT_MS);
  timer.unref();
  const leave = async () => {
    clearInterval(timer);
    await beating;
    await process.leave();
  };
  return { process, leave };
}
