import "server-only";
import { FairQueue } from "./fair-queue";
import { RequestBudgets } from "./token-buckets";

/** Must stay below the refused pairs that an organization may have, because a running test counts as one. */
const RUNNING_OF_ORGANIZATION_MAX = 2;
const WAITING_MAX = 50;

/** A longer test marks its organization as slow for ten minutes. */
const SLOW_TEST_MS = 5_000;
const SLOW = { perSecond: 1 / (10 * 60), burst: 1 };

type Options = {
  /** Tests that run at once. */
  readonly running: number;
  /** Makes the error of a test that finds no place, not even to wait. */
  readonly refusal: () => Error;
  readonly now?: () => number;
};

/**
 * Shares the places for connection tests between organizations. Organizations whose DingTalk answered slowly or not at all
 * in the last ten minutes share half of the places, so the other half stays free for the rest.
 */
export class TestPlaces {
  readonly #all: FairQueue;
  readonly #slow: FairQueue;
  readonly #slowOrganizations = new RequestBudgets(SLOW);
  readonly #now: () => number;

  constructor({ running, refusal, now = () => performance.now() }: Options) {
    const placesFor = (places: number) =>
      new FairQueue({
        running: places,
        runningOfGroup: RUNNING_OF_ORGANIZATION_MAX,
        waiting: WAITING_MAX,
        refusal,
      });
    this.#all = placesFor(running);
    this.#slow = placesFor(running / 2);
    this.#now = now;
  }

  /** @throws the refusal, at once or later */
  run<T>(organizationId: string, test: () => Promise<T>): Promise<T> {
    const inAll = () => this.#all.run([organizationId], () => this.#watch(organizationId, test));
    const isSlow = this.#slowOrganizations.waitMs(organizationId, 1, this.#now()) > 0;
    return isSlow ? this.#slow.run([organizationId], inAll) : inAll();
  }

  async #watch<T>(organizationId: string, test: () => Promise<T>): Promise<T> {
    const startedAt = this.#now();
    try {
      return await test();
    } finally {
      const now = this.#now();
      if (now - startedAt > SLOW_TEST_MS) this.#slowOrganizations.take(organizationId, 1, now);
    }
  }
}
