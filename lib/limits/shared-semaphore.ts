import "server-only";

/** One session of the database, as long as its process lives. `null` when there is none now. */
type Ask = <Row>(text: string, values: readonly unknown[]) => Promise<Row[] | null>;

const TAKE = "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken";
const GIVE_BACK = "SELECT pg_advisory_unlock(hashtextextended($1, 0))";

/**
 * Places that all processes share, so many under a name. A place is an advisory lock of the process's session: whoever
 * dies, even by kill -9, gives it back by that. While a process has no session its own places are all that it counts.
 */
export class SharedPlaces {
  readonly #ask: Ask;
  readonly #held = new Set<string>();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /**
   * @param count how many places there are under the name
   * @returns what gives the place back, which has to be called; `null` when all are taken
   */
  async take(name: string, count: number): Promise<(() => void) | null> {
    for (let number = 0; number < count; number++) {
      const place = `${name}/${number}`;
      if (this.#held.has(place)) continue;
      // Before it is asked: a session is given its own lock again, as often as it asks.
      this.#held.add(place);
      const rows = await this.#ask<{ taken: boolean }>(TAKE, [place]);
      if (rows === null || rows[0]?.taken) return () => this.#giveBack(place);
      this.#held.delete(place);
    }
    return null;
  }

  #giveBack(place: string): void {
    // In the order in which it is asked: whoever takes it here next asks after this.
    if (this.#held.delete(place)) void this.#ask(GIVE_BACK, [place]);
  }
}
