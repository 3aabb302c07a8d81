import { AppError } from "@/lib/errors";
import { WAITING_REQUESTS } from "./numbers";

type WaitingLimits = { readonly ofKey: number; readonly ofAll: number };

/** Limits waiting requests of this process (S30). An organization gets a place while it holds fewer than are free. */
export class WaitingRequests {
  readonly #limits: WaitingLimits;
  readonly #counts = new Map<string, number>();
  #all = 0;

  constructor(limits: WaitingLimits = WAITING_REQUESTS) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#all;
  }

  /**
   * Takes a place.
   * @param key the API key or user that waits; left out where `ofKey` limits the whole organization
   * @returns a function that gives the place back
   * @throws {AppError} `rate_limited` when a share is used up; `unavailable` when no place is free
   */
  enter(organizationId: string, key = ""): () => void {
    const names = [organizationId, `${organizationId} ${key}`] as const;
    const countOf = (name: string) => this.#counts.get(name) ?? 0;
    const free = this.#limits.ofAll - this.#all;
    const retry = { retryAfterSeconds: WAITING_REQUESTS.retryAfterSeconds };
    if (countOf(names[1]) >= this.#limits.ofKey)
      throw new AppError("rate_limited", "too many waiting requests of this key", retry);
    if (free <= 0) throw new AppError("unavailable", "too many waiting requests of this server", retry);
    if (countOf(organizationId) >= free)
      throw new AppError("rate_limited", "too many waiting requests of this organization", retry);
    this.#add(names, 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#add(names, -1);
      isHeld = false;
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
