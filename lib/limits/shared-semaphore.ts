import "server-only";

/** Runs a query on the process's one long-lived session. Returns `null` while there is none. */
type Ask = <Row>(text: string, values: readonly unknown[]) => Promise<Row[] | null>;

const TAKE = "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken";
const RELEASE = "SELECT pg_advisory_unlock(hashtextextended($1, 0))";

/**
 * Limits holders in all processes. PostgreSQL frees a place, an advisory lock of the session, when the process dies.
 */
export class SharedSemaphore {
  readonly #ask: Ask;
  readonly #taken = new Set<string>();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Takes one of `count` places under a name. @returns a function that frees it; `null` if all are taken */
  async take(name: string, count: number): Promise<(() => void) | null> {
    for (let number = 0; number < count; number++) {
      const place = `${name}/${number}`;
      if (this.#taken.has(place)) continue;
      // Marked before the query, because PostgreSQL grants a session its own lock again.
      this.#taken.add(place);
      const rows = await this.#ask<{ taken: boolean }>(TAKE, [place]);
      if (rows === null || rows[0]?.taken) return () => this.#release(place);
      this.#taken.delete(place);
    }
    return null;
  }

  #release(place: string): void {
    // The session runs queries in order, so the next taker's query comes after this one.
    if (this.#taken.delete(place)) void this.#ask(RELEASE, [place]);
  }
}
