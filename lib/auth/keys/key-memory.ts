import "server-only";
import { isHearing, subscribe } from "@/lib/db/notifications";
import type { ApiKey } from "./api-key";

/** The kind of notice that a key was revoked or changed. */
export const KEY_NOTICE = "api-key";

type Remembered = { readonly key: ApiKey; confirmedAtMs: number };

/** More keys than a process serves; what is forgotten is read again. */
const REMEMBERED_MAX = 20_000;

/**
 * What one process remembers of keys, by a name such as their hash, so that a request needs no database: only while the process
 * hears of changes. What it can't be sure of it keeps, for the time when the database can't be asked.
 */
export class KeyMemory {
  readonly #keys = new Map<string, Remembered>();
  /** Counts changes, so that what was read before one is not remembered after it. */
  #changes = 0;
  /** Nothing from before this moment is sure. */
  #sureSince = 0;
  readonly #now: () => number;

  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
    subscribe(KEY_NOTICE, {
      onNotice: ({ id }) => this.#forget(id),
      onStale: () => {
        this.#changes += 1;
        this.#sureSince = now();
      },
    });
  }

  /** The key, if it is sure to be as it was read. */
  find(name: string): ApiKey | null {
    const held = this.#keys.get(name);
    if (!held || !isHearing() || held.confirmedAtMs < this.#sureSince) return null;
    // Nothing was heard against it until now, which says as much as asking.
    held.confirmedAtMs = this.#now();
    return held.key;
  }

  /** The key as it was when it was last sure, if that was after `sinceMs`. */
  findUnsure(name: string, sinceMs: number): ApiKey | null {
    const held = this.#keys.get(name);
    return held && held.confirmedAtMs >= sinceMs ? held.key : null;
  }

  /** To be taken before the row is read, and given to `remember` with what was read. */
  get mark(): number {
    return this.#changes;
  }

  remember(name: string, key: ApiKey, { mark, nowMs }: { mark: number; nowMs: number }): void {
    if (mark !== this.#changes) return;
    if (this.#keys.size >= REMEMBERED_MAX) this.#keys.clear();
    this.#keys.set(name, { key, confirmedAtMs: nowMs });
  }

  forget(name: string): void {
    this.#keys.delete(name);
  }

  #forget(keyId: string): void {
    this.#changes += 1;
    for (const [name, { key }] of this.#keys) if (key.keyId === keyId) this.#keys.delete(name);
  }
}
