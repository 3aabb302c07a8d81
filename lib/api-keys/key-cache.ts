import "server-only";
import { CACHE_MAX_AGE_MS, isListening, type NotificationSource, subscribe } from "@/lib/db/notifications";
import type { ApiKey } from "./api-key";

export const KEY_NOTICE = "api-key";

export type CacheVersion = {
  readonly changes: number;
  readonly atMs: number;
};

type CachedKey = {
  readonly key: ApiKey;
  readonly readAtMs: number;
  /** Gaps in listening before the key was read. */
  readonly gaps: number;
};

const CACHED_MAX = 20_000;

/** Caches keys for 15 s while notices of changes arrive. Older entries serve while the database is unreachable. */
export class KeyCache {
  readonly #keys = new Map<string, CachedKey>();
  /** Changes and gaps so far. A row that was read before one is not cached after it. */
  #changes = 0;
  #gaps = 0;
  readonly #watchers = new Set<(keyId: string | null) => void>();
  readonly #notifications: NotificationSource;
  readonly #now: () => number;

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

  /** Calls `watcher` with the id of a changed key, or with `null` after a gap, when any key may have changed. */
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
