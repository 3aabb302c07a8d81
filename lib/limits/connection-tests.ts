import "server-only";
import { AppError, type LimitName } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";
import { addressKey } from "./address-key";
import { type AttemptCounter, makeAttemptCounter } from "./attempt-counter";
import { FairQueue } from "./fair-queue";
import { CONNECTION_TESTS } from "./numbers";
import { TokenBuckets } from "./token-buckets";
import { makeWindowLimiter } from "./window-limiter";

const HOUR_SECONDS = 60 * 60;
const HOUR_MS = HOUR_SECONDS * 1_000;

const perHour = (name: string, attempts: number): AttemptCounter =>
  makeAttemptCounter(name, [...Array<number>(attempts - 1).fill(0), HOUR_MS], HOUR_MS);

const limits = () =>
  processWide("apps.testLimits", () => ({
    refusedOrganization: perHour("test_refused_org", CONNECTION_TESTS.refusedPerHourOfOrganization),
    refusedAddress: perHour("test_refused_address", CONNECTION_TESTS.refusedPerHourOfAddress),
    organization: makeWindowLimiter("tests_org", CONNECTION_TESTS.perHourOfOrganization, HOUR_SECONDS),
  }));

export const tooManyTests = (limit: LimitName, waitMs: number) =>
  new AppError("rate_limited", "too many connection tests", {
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
    limit,
  });

/** A test that counts as a refused one until it is withdrawn. */
export type CountedTest = { withdraw(): Promise<void> };

/**
 * Counts a connection test before DingTalk is called, because the form would be an oracle for secrets (S9).
 * @throws {AppError} `rate_limited` with the limit that was reached
 */
export async function countTest(organizationId: string, address: string): Promise<CountedTest> {
  const { refusedOrganization, refusedAddress, organization } = limits();
  const key = addressKey(address);
  const ofOrganization = await refusedOrganization.begin(organizationId);
  if (!ofOrganization.isAdmitted) throw tooManyTests("refusedTestsOrganization", ofOrganization.waitMs);
  const withdrawFromOrganization = () => refusedOrganization.withdraw(organizationId, ofOrganization.counted);
  const ofAddress = await refusedAddress.begin(key);
  if (!ofAddress.isAdmitted) {
    await withdrawFromOrganization();
    throw tooManyTests("refusedTestsAddress", ofAddress.waitMs);
  }
  const withdraw = async () => {
    await withdrawFromOrganization();
    await refusedAddress.withdraw(key, ofAddress.counted);
  };
  const waitMs = await organization.take(organizationId);
  if (waitMs !== null) {
    await withdraw();
    throw tooManyTests("testsOrganization", waitMs);
  }
  return { withdraw };
}

type SlotOptions = {
  readonly running: number;
  readonly refusal: () => Error;
  readonly now?: () => number;
};

/** Shares the test slots between organizations. Those with slow tests in the last ten minutes share half of them. */
export class ConnectionTestSlots {
  readonly #all: FairQueue;
  readonly #slow: FairQueue;
  readonly #slowOrganizations = new TokenBuckets(CONNECTION_TESTS.slow);
  readonly #now: () => number;

  constructor({ running, refusal, now = () => performance.now() }: SlotOptions) {
    const { runningOfOrganization: runningOfGroup, waiting } = CONNECTION_TESTS;
    this.#all = new FairQueue({ running, runningOfGroup, waiting, refusal });
    this.#slow = new FairQueue({ running: running / 2, runningOfGroup, waiting, refusal });
    this.#now = now;
  }

  run<T>(organizationId: string, test: () => Promise<T>): Promise<T> {
    const inAll = () => this.#all.run([organizationId], () => this.#measure(organizationId, test));
    const isSlow = this.#slowOrganizations.waitMs(organizationId, 1, this.#now()) > 0;
    return isSlow ? this.#slow.run([organizationId], inAll) : inAll();
  }

  async #measure<T>(organizationId: string, test: () => Promise<T>): Promise<T> {
    const startedAt = this.#now();
    try {
      return await test();
    } finally {
      const now = this.#now();
      if (now - startedAt > CONNECTION_TESTS.slowMs) this.#slowOrganizations.take(organizationId, 1, now);
    }
  }
}
