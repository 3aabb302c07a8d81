import { AppError } from "@/lib/errors";

const RETRY_AFTER_SECONDS = 5;

export type WaitingLimits = { readonly ofKey: number; readonly ofAll: number };

/**
 * Counts those who wait for something at this server, so that they can't become too many (S30). An organization gets a
 * place only while it has fewer than are free, so that it can't have all of them, nor can several: each new one finds
 * as many free as any of them has.
 */
export class Waiting {
  readonly #limits: WaitingLimits;
  readonly #counts = new Map<string, number>();
  #all = 0;

  constructor(limits: WaitingLimits = { ofKey: 100, ofAll: 2_000 }) {
    this.#limits = limits;
  }

  /** How many wait now. */
  get count(): number {
    return this.#all;
  }

  /**
   * @param organizationId whose waiting it is
   * @param key of the organization's keys or persons, the one that waits; left out where `ofKey` limits the organization
   * @returns what ends it; may be called again
   * @throws {AppError} `rate_limited` when the key or the organization has all that it may, `unavailable` at the limit of all
   */
  enter(organizationId: string, key = ""): () => void {
    const names = [organizationId, `${organizationId} ${key}`] as const;
    const [ofOrganization, ofKey] = names.map((name) => this.#counts.get(name) ?? 0) as [number, number];
    const free = this.#limits.ofAll - this.#all;
    const retry = { retryAfterSeconds: RETRY_AFTER_SECONDS };
    if (ofKey >= this.#limits.ofKey) throw new AppError("rate_limited", "too many wait with this key", retry);
    if (free <= 0) throw new AppError("unavailable", "too many wait at this server", retry);
    if (ofOrganization >= free)
      throw new AppError("rate_limited", "too many of this organization wait", retry);
    this.#add(names, 1);
    let isIn = true;
    return () => {
      if (isIn) this.#add(names, -1);
      isIn = false;
    };
  }

  #add(names: readonly string[], by: 1 | -1): void {
    this.#all += by;
    for (const name of names) {
      const count = (this.#counts.get(name) ?? 0) + by;
      if (count > 0) this.#counts.set(name, count);
      else this.#counts.delete(name);
    }
  }
}
