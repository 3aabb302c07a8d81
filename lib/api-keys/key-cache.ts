import "server-only";
import { CACHE_MAX_AGE_MS, isListening, type NotificationSource, subscribe } from "@/lib/db/notifications";
import type { ApiKey } from "./api-key";

/** The kind of notices that a key was revoked or changed. */
export const KEY_NOTICE = "api-key";

/** The cache's state before a key's row is read. */
export type CacheVersion = {
  /** Changes and gaps so far. */
  readonly changes: number;
  readonly atMs: number;
};

type CachedKey = {
  readonly key: ApiKey;
  readonly readAtMs: number;
  /** Gaps in listening before the key was read. */
  readonly gaps: number;
};

/** More keys than a process serves. The cache is cleared beyond that. */
const CACHED_MAX = 20_000;

/**
 * Caches keys by a name such as their hash, for 15 s and only while notices of changes arrive. Older entries stay as stale
 * ones, for use while the database is unreachable.
 */
export class KeyCache {
  readonly #keys = new Map<string, CachedKey>();
  /** Changes and gaps so far. A row that was read before one is not cached after it. */
  #changes = 0;
  #gaps = 0;
  readonly #watchers = new Set<(keyId: string | null) => void>();
  readonly #notifications: NotificationSource;
  readonly #now: () => number;

  /** @param now milliseconds of a monotonic clock */
  constructor(
    notifications: NotificationSource = { subscribe, isListening },
    now: () => number = () => performance.now(),
  ) {
    this.#notifications = notifications;
    this.#now = now;
    notifications.subscribe(KEY_NOTICE, {
      onNotice: ({ id }) => this.#forget(id),
      onStale: () => {
        this.#changes += 1;
        this.#gaps += 1;
        this.#notifyWatchers(null);
      },
    });
  }

  /** Returns a key that has not changed since it was read. */
  find(name: string): ApiKey | null {
    const cached = this.#keys.get(name);
    if (!cached || cached.gaps !== this.#gaps || !this.#notifications.isListening()) return null;
    return this.#now() - cached.readAtMs < CACHE_MAX_AGE_MS ? cached.key : null;
  }

  /** Returns a key that was read at most `ageMsMax` ago, even if it may have changed. */
  findStale(name: string, ageMsMax: number): ApiKey | null {
    const cached = this.#keys.get(name);
    return cached && this.#now() - cached.readAtMs <= ageMsMax ? cached.key : null;
  }

  /** Must be read before the row, and passed to `remember` with it. */
  get version(): CacheVersion {
    return { changes: this.#changes, atMs: this.#now() };
  }

  remember(name: string, key: ApiKey, { changes, atMs }: CacheVersion): void {
    if (changes !== this.#changes) return;
    if (this.#keys.size >= CACHED_MAX) this.#keys.clear();
    this.#keys.set(name, { key, readAtMs: atMs, gaps: this.#gaps });
  }

  forget(name: string): void {
    this.#keys.delete(name);
  }

  /**
   * Calls `watcher` with the id of a revoked or changed key, or with `null` after a gap, when any key may have changed.
   *
   * @returns a function that stops watching
   */
  watch(watcher: (keyId: string | null) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #notifyWatchers(keyId: string | null): void {
    for (const watcher of this.#watchers) watcher(keyId);
  }

  #forget(keyId: string): void {
    this.#changes += 1;
    for (const [name, { key }] of this.#keys) if (key.keyId === keyId) this.#keys.delete(name);
    this.#notifyWatchers(keyId);
  }
}
