import "server-only";
import { CACHE_MAX_AGE_MS, isListening, type NotificationSource, subscribe } from "@/lib/db/notifications";
import type { ApiKey } from "./api-key";

/** The kind of notice that a key was revoked or changed. */
export const KEY_NOTICE = "api-key";

/** The state before a key's row is read. */
export type ReadMark = {
  /** Changes and gaps heard of until then. */
  readonly changes: number;
  readonly atMs: number;
};

type Remembered = {
  readonly key: ApiKey;
  readonly readAtMs: number;
  /** The number of gaps in hearing before the key was read. */
  readonly gaps: number;
};

/** More keys than a process serves; what is forgotten is read again. */
const REMEMBERED_MAX = 20_000;

/**
 * What one process remembers of keys, by a name such as their hash, so that a request needs no database: for 15 s, and
 * only while the process hears of changes. What it can't be sure of it keeps, for the time when the database can't be asked.
 */
export class KeyMemory {
  readonly #keys = new Map<string, Remembered>();
  /** Counts changes and gaps, so that what was read before one is not remembered after it. */
  #changes = 0;
  #gaps = 0;
  readonly #watchers = new Set<(keyId: string | null) => void>();
  readonly #notifications: NotificationSource;
  readonly #now: () => number;

  /** @param now milliseconds of a clock that nobody sets */
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
        this.#tell(null);
      },
    });
  }

  /** The key, if it is sure to be as it was read. */
  find(name: string): ApiKey | null {
    const held = this.#keys.get(name);
    if (!held || held.gaps !== this.#gaps || !this.#notifications.isListening()) return null;
    return this.#now() - held.readAtMs < CACHE_MAX_AGE_MS ? held.key : null;
  }

  /** The key as it was last read, if that was at most `ageMsMax` ago. */
  findStale(name: string, ageMsMax: number): ApiKey | null {
    const held = this.#keys.get(name);
    return held && this.#now() - held.readAtMs <= ageMsMax ? held.key : null;
  }

  /** To be taken before the row is read, and given to `remember` with what was read. */
  get mark(): ReadMark {
    return { changes: this.#changes, atMs: this.#now() };
  }

  remember(name: string, key: ApiKey, { changes, atMs }: ReadMark): void {
    if (changes !== this.#changes) return;
    if (this.#keys.size >= REMEMBERED_MAX) this.#keys.clear();
    this.#keys.set(name, { key, readAtMs: atMs, gaps: this.#gaps });
  }

  forget(name: string): void {
    this.#keys.delete(name);
  }

  /**
   * Calls `watcher` with the id of a key that was revoked or changed, or with `null` when any of them may have been.
   *
   * @returns what ends it
   */
  watch(watcher: (keyId: string | null) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #tell(keyId: string | null): void {
    for (const watcher of this.#watchers) watcher(keyId);
  }

  #forget(keyId: string): void {
    this.#changes += 1;
    for (const [name, { key }] of this.#keys) if (key.keyId === keyId) this.#keys.delete(name);
    this.#tell(keyId);
  }
}
