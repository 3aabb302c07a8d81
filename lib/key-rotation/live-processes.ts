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

const HEARTBEAT_MS = 3_000;
/** A process without a heartbeat for this long counts as dead. Four heartbeats may be lost. */
const LAPSE_SECONDS = 15;

const LIVE = `seen_at > now() - interval '${LAPSE_SECONDS} s'`;

/** Inserts the process again if its row was deleted, and deletes rows of processes that died long ago. */
const HEARTBEAT = `
  WITH gone AS (DELETE FROM live_process WHERE seen_at < now() - interval '${10 * LAPSE_SECONDS} s'),
  beat AS (INSERT INTO live_process (id, key_hashes, sealing_hash) VALUES ($1::uuid, $2::text[], $3::text)
    ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, sealing_hash = excluded.sealing_hash)
  SELECT key_hashes AS "keyHashes" FROM live_process WHERE ${LIVE} AND id <> $1::uuid`;

const OTHERS = `
  SELECT key_hashes AS "keyHashes", sealing_hash AS "sealingHash" FROM live_process WHERE ${LIVE} AND id <> $1::uuid`;

const RECORD_KEYS = "INSERT INTO sealing_key (hash) SELECT unnest($1::text[]) ON CONFLICT (hash) DO NOTHING";

export type OtherProcess = { readonly keyHashes: readonly string[]; readonly sealingHash: string | null };

/** These tables belong to no organization, so any scope works. */
const inTransaction = <T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> =>
  asUserSql({ userId: crypto.randomUUID() }, work);

/** Serializes decisions of all processes, so that each sees the earlier ones. */
const underLock = <T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> =>
  inTransaction(async (client) => {
    await client.query("SELECT pg_advisory_xact_lock($1)", [ADVISORY_LOCKS.sealingKeys]);
    return work(client);
  });

const firstSharedKey = (ring: KeyRing, others: readonly Pick<OtherProcess, "keyHashes">[]): string | null =>
  [...ring].find(([id, key]) => {
    const hash = fingerprintOf(id, key);
    return others.every(({ keyHashes }) => keyHashes.includes(hash));
  })?.[0] ?? null;

const missingKeys = (ids: Iterable<string>) =>
  new ConfigurationError(
    `ENCRYPTION_KEYS can't open values sealed with the key ${[...ids].sort().join(", ")}: the key is missing or has another value; add it after the first key.`,
  );

/**
 * Registers this process and chooses the key that seals: the first of the ring that every live process has. Without
 * the database the last choice stays, which is safe because nothing can be written.
 */
export class LiveProcess {
  readonly id = crypto.randomUUID();
  readonly #ring: KeyRing;
  readonly #use: (keyId: string) => void;
  readonly #hashes: ReadonlyMap<string, string>;
  #keyId: string | null = null;

  constructor(ring: KeyRing, use: (keyId: string) => void) {
    this.#ring = ring;
    this.#use = use;
    this.#hashes = new Map([...ring].map(([id, key]) => [id, fingerprintOf(id, key)]));
  }

  get keyId(): string | null {
    return this.#keyId;
  }

  /**
   * Registers the process if its ring opens all sealed values. Reads values only if it lacks a recorded key.
   * @throws {ConfigurationError} naming the keys that the ring lacks
   */
  async join(): Promise<void> {
    if (await underLock((client) => this.#register(client, null))) return;
    const { all, lacking } = await keysInUse(this.#ring, new AbortController().signal);
    if (lacking.size > 0) throw missingKeys(lacking);
    await underLock((client) => this.#register(client, all));
  }

  /** @param inUse the ids of the keys of all values; `null` if no values were read */
  async #register(client: pg.ClientBase, inUse: ReadonlySet<string> | null): Promise<boolean> {
    const own = new Set(this.#hashes.values());
    const { rows: recorded } = await client.query<{ hash: string }>("SELECT hash FROM sealing_key");
    const missing = recorded.filter(({ hash }) => !own.has(hash)).map(({ hash }) => hash);
    if (inUse === null && (recorded.length === 0 || missing.length > 0)) return false;
    const { rows: others } = await client.query<OtherProcess>(OTHERS, [this.id]);
    if (others.some(({ sealingHash }) => sealingHash !== null && missing.includes(sealingHash)))
      throw new ConfigurationError(
        "ENCRYPTION_KEYS lacks the key that the running servers seal with; give this one the same keys.",
      );
    await client.query(RECORD_KEYS, [[...(inUse ?? [])].map((id) => this.#hashes.get(id) ?? "")]);
    await this.#chooseKey(client, others);
    return true;
  }

  /** Records a key before it seals, in the transaction that found it in all live processes. */
  async #chooseKey(client: pg.ClientBase, others: readonly OtherProcess[]): Promise<void> {
    const keyId = firstSharedKey(this.#ring, others) ?? this.#keyId ?? [...this.#ring.keys()].at(-1) ?? "";
    const hash = this.#hashes.get(keyId) ?? "";
    await client.query(RECORD_KEYS, [[hash]]);
    await resealCounterKey(client, this.#ring, keyId);
    await client.query(HEARTBEAT, [this.id, [...this.#hashes.values()], hash]);
    this.#keyId = keyId;
    this.#use(keyId);
  }

  async heartbeat(): Promise<void> {
    const hash = this.#hashes.get(this.#keyId ?? "") ?? null;
    const { rows } = await inTransaction((client) =>
      client.query<OtherProcess>(HEARTBEAT, [this.id, [...this.#hashes.values()], hash]),
    );
    if ((firstSharedKey(this.#ring, rows) ?? this.#keyId) === this.#keyId) return;
    const before = this.#keyId;
    await underLock(async (client) =>
      this.#chooseKey(client, (await client.query<OtherProcess>(OTHERS, [this.id])).rows),
    );
    if (before !== this.#keyId) log.info("the sealing key changed", { keyId: this.#keyId });
  }

  async others(): Promise<OtherProcess[]> {
    return (await inTransaction((client) => client.query<OtherProcess>(OTHERS, [this.id]))).rows;
  }

  /** Deletes the records of other keys, so that a ring without them may join. @returns `false` while one is in use */
  forgetOtherKeys(keyId: string): Promise<boolean> {
    const hash = this.#hashes.get(keyId) ?? "";
    return underLock(async (client) => {
      const { rows } = await client.query<OtherProcess>(OTHERS, [this.id]);
      if (rows.some(({ sealingHash }) => sealingHash !== hash)) return false;
      await client.query("DELETE FROM sealing_key WHERE hash <> $1", [hash]);
      return true;
    });
  }

  /** Deletes the registration, so that other processes no longer wait for these keys. */
  async leave(): Promise<void> {
    await inTransaction((client) => client.query("DELETE FROM live_process WHERE id = $1", [this.id]));
  }
}

export type Joined = { readonly process: LiveProcess; readonly leave: () => Promise<void> };

/** Joins with the keys of ENCRYPTION_KEYS. @throws {ConfigurationError} when the ring lacks a key in use */
export async function joinLiveProcesses(): Promise<Joined> {
  const process = new LiveProcess(keyRing(), sealWith);
  await process.join();
  let pending: Promise<void> | undefined;
  const timer = setInterval(() => {
    pending ??= process
      .heartbeat()
      .catch((error: unknown) => log.warn("renewing the registration of this process failed", { error }))
      .finally(() => {
        pending = undefined;
      });
  }, HEARTBEAT_MS);
  timer.unref();
  const leave = async () => {
    clearInterval(timer);
    await pending;
    await process.leave();
  };
  return { process, leave };
}
