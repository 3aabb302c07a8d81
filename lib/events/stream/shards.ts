import "server-only";
import { ADVISORY_LOCKS } from "@/lib/db/advisory-locks";
import type { queryListeningSession } from "@/lib/db/notifications";

/** Shares of the organizations. One process at a time holds the connections of a share. */
export const SHARDS = 32;

const LOCKS = ADVISORY_LOCKS.streamShards;
/** Locked in shared mode by every process, so that each can count them. */
const MEMBER = SHARDS;
/** Calls without an answer, after which the session's locks are assumed to be lost. */
const MISSES_MAX = 3;

const LOCKED = `
  SELECT objid::bigint::int AS shard, pid = pg_backend_pid() AS "isOwn" FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND classid = $1::int::oid AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

const JOIN = "SELECT pg_try_advisory_lock_shared($1::int, $2::int)";
const LOCK = "SELECT shard FROM unnest($2::int[]) shard WHERE pg_try_advisory_lock($1::int, shard)";
const UNLOCK = "SELECT pg_advisory_unlock($1::int, shard) FROM unnest($2::int[]) shard";

type LockRow = { readonly shard: number; readonly isOwn: boolean };

/**
 * Divides the shards among the processes by advisory locks of their listening sessions. PostgreSQL frees the locks of a
 * process that dies.
 */
export class ShardLocks {
  readonly #ask: typeof queryListeningSession;
  readonly #release: (shard: number) => Promise<unknown>;
  #held: ReadonlySet<number> = new Set();
  #misses = 0;

  /** @param release stops all work for a shard, before another process may take the shard */
  constructor(ask: typeof queryListeningSession, release: (shard: number) => Promise<unknown>) {
    this.#ask = ask;
    this.#release = release;
  }

  /** Takes free shards, and gives up those beyond a fair share. @returns the shards of this process */
  async balance(): Promise<ReadonlySet<number>> {
    const rows = await this.#ask<LockRow>(LOCKED, [LOCKS]);
    if (rows === null) return this.#miss();
    this.#misses = 0;
    const locks = rows.filter(({ shard }) => shard !== MEMBER);
    const members = rows.filter(({ shard }) => shard === MEMBER);
    const isMember = members.some(({ isOwn }) => isOwn);
    if (!isMember) await this.#ask(JOIN, [LOCKS, MEMBER]);
    const fair = Math.ceil(SHARDS / (members.length + (isMember ? 0 : 1)));
    const own = locks.filter(({ isOwn }) => isOwn).map(({ shard }) => shard);
    const locked = new Set(locks.map(({ shard }) => shard));
    const taken = own.length < fair ? await this.#take(locked, fair - own.length) : [];
    const excess = own.slice(fair);
    const next = new Set([...own.slice(0, fair), ...taken]);
    const lost = [...this.#held].filter((shard) => !next.has(shard));
    this.#held = next;
    await Promise.all(lost.map(this.#release));
    if (excess.length > 0) await this.#ask(UNLOCK, [LOCKS, excess]);
    return next;
  }

  /** Prefers shards that this process had before its session was lost. */
  async #take(locked: ReadonlySet<number>, count: number): Promise<readonly number[]> {
    const free = Array.from({ length: SHARDS }, (_, shard) => shard).filter((shard) => !locked.has(shard));
    const wanted = free.toSorted((a, b) => Number(this.#held.has(b)) - Number(this.#held.has(a)));
    if (wanted.length === 0) return [];
    const rows = await this.#ask<{ shard: number }>(LOCK, [LOCKS, wanted.slice(0, count)]);
    return (rows ?? []).map(({ shard }) => shard);
  }

  async #miss(): Promise<ReadonlySet<number>> {
    this.#misses += 1;
    if (this.#misses >= MISSES_MAX) {
      const lost = [...this.#held];
      this.#held = new Set();
      await Promise.all(lost.map(this.#release));
    }
    return this.#held;
  }

  /** Gives up all shards. */
  async leave(): Promise<void> {
    const held = [...this.#held];
    this.#held = new Set();
    await Promise.all(held.map(this.#release));
    await this.#ask(UNLOCK, [LOCKS, held]);
    await this.#ask("SELECT pg_advisory_unlock_shared($1::int, $2::int)", [LOCKS, MEMBER]);
  }
}
