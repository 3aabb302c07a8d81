import { addressKey } from "./address-key";

/** An address that guesses: this many in a minute, and then nobody looks any more (S11). */
const WRONG_PER_MINUTE = 30;
const MINUTE_MS = 60_000;
/** How long a key that is none stays one without being looked up. */
const UNKNOWN_FOR_MS = 30_000;
/** Bounds of what is remembered; whoever fills it makes it forget the oldest. */
const ADDRESSES_MAX = 10_000;
const UNKNOWN_MAX = 10_000;
/** While an address has as many keys looked up as it may have wrong ones, it waits this long: they take less. */
const LOOKUP_MS = 1_000;

type Window = { readonly startedAtMs: number; wrong: number };

/** Takes the oldest away, for a Map keeps the order in which keys came. */
function bound<K>(map: Map<K, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size < max) return;
    map.delete(key);
  }
}

/** One process's memory of wrong keys, so that a guess costs no call of the database. */
export class WrongKeys {
  readonly #byAddress = new Map<string, Window>();
  readonly #unknown = new Map<string, number>();
  readonly #lookups = new Map<string, number>();

  /** How long an address has to wait; 0 while it may try. What is looked up for it counts as wrong until it is known. */
  waitMs(address: string, nowMs: number): number {
    const guesser = addressKey(address);
    const { startedAtMs, wrong } = this.#byAddress.get(guesser) ?? { startedAtMs: 0, wrong: 0 };
    const leftMs = Math.max(0, startedAtMs + MINUTE_MS - nowMs);
    const counted = leftMs > 0 ? wrong : 0;
    if (counted >= WRONG_PER_MINUTE) return leftMs;
    return counted + (this.#lookups.get(guesser) ?? 0) >= WRONG_PER_MINUTE ? LOOKUP_MS : 0;
  }

  /** Counts a key that is being looked up, so that many at once are no more than one after another. @returns its end */
  lookUp(address: string): () => void {
    const guesser = addressKey(address);
    const add = (more: number) => {
      const count = (this.#lookups.get(guesser) ?? 0) + more;
      if (count > 0) this.#lookups.set(guesser, count);
      else this.#lookups.delete(guesser);
    };
    add(1);
    return () => add(-1);
  }

  /** Whether the key with this hash was looked up in vain a moment ago. */
  isUnknown(hash: string, nowMs: number): boolean {
    return (this.#unknown.get(hash) ?? 0) > nowMs;
  }

  /** @param hash of the key that was none; empty for what doesn't even look like one */
  note(address: string, hash: string, nowMs: number): void {
    const guesser = addressKey(address);
    const window = this.#byAddress.get(guesser);
    if (window && window.startedAtMs + MINUTE_MS > nowMs) window.wrong += 1;
    else {
      this.#byAddress.delete(guesser);
      bound(this.#byAddress, ADDRESSES_MAX);
      this.#byAddress.set(guesser, { startedAtMs: nowMs, wrong: 1 });
    }
    this.remember(hash, nowMs);
  }

  /** Without counting anything against an address. */
  remember(hash: string, nowMs: number): void {
    if (hash === "" || this.isUnknown(hash, nowMs)) return;
    this.#unknown.delete(hash);
    bound(this.#unknown, UNKNOWN_MAX);
    this.#unknown.set(hash, nowMs + UNKNOWN_FOR_MS);
  }
}
