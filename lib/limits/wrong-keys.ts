import { addressKey } from "./address-key";
import { WRONG_KEYS } from "./numbers";

const MINUTE_MS = 60_000;

type Window = { readonly startedAtMs: number; wrong: number };

/** Deletes the oldest entries until one more fits. A Map keeps the order of insertion. */
function makeRoom<K>(map: Map<K, unknown>, max: number): void {
  for (const key of map.keys()) {
    if (map.size < max) return;
    map.delete(key);
  }
}

/** Remembers unknown API keys in one process, so that a repeated guess costs no query (S11). */
export class WrongKeys {
  readonly #byAddress = new Map<string, Window>();
  readonly #unknown = new Map<string, number>();
  readonly #lookups = new Map<string, number>();

  /** Returns how long an address must wait, 0 if it may try. Lookups under way count as wrong until they end. */
  waitMs(address: string, nowMs: number): number {
    const guesser = addressKey(address);
    const { startedAtMs, wrong } = this.#byAddress.get(guesser) ?? { startedAtMs: 0, wrong: 0 };
    const leftMs = Math.max(0, startedAtMs + MINUTE_MS - nowMs);
    const counted = leftMs > 0 ? wrong : 0;
    if (counted >= WRONG_KEYS.perMinute) return leftMs;
    return counted + (this.#lookups.get(guesser) ?? 0) >= WRONG_KEYS.perMinute ? WRONG_KEYS.lookupMs : 0;
  }

  /** Counts a lookup under way, so that parallel guesses are limited like sequential ones. @returns the function that ends it */
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

  isUnknown(hash: string, nowMs: number): boolean {
    return (this.#unknown.get(hash) ?? 0) > nowMs;
  }

  /** Counts an unknown key. @param hash the hash of the key; empty for text that has not the form of a key */
  count(address: string, hash: string, nowMs: number): void {
    const guesser = addressKey(address);
    const window = this.#byAddress.get(guesser);
    if (window && window.startedAtMs + MINUTE_MS > nowMs) window.wrong += 1;
    else {
      this.#byAddress.delete(guesser);
      makeRoom(this.#byAddress, WRONG_KEYS.addressesMax);
      this.#byAddress.set(guesser, { startedAtMs: nowMs, wrong: 1 });
    }
    this.remember(hash, nowMs);
  }

  /** Remembers an unknown key without counting it against an address. */
  remember(hash: string, nowMs: number): void {
    if (hash === "" || this.isUnknown(hash, nowMs)) return;
    this.#unknown.delete(hash);
    makeRoom(this.#unknown, WRONG_KEYS.keysMax);
    this.#unknown.set(hash, nowMs + WRONG_KEYS.rememberedMs);
  }
}
