import "server-only";
import { createHmac, randomBytes } from "node:crypto";
import { type Credentials, identityOf } from "@/lib/dingtalk/credentials";
import { AppError, type LimitName } from "@/lib/errors";
import { addressKey } from "@/lib/limits/address-key";
import { makeTryCounter, type TryCounter } from "@/lib/limits/attempt-counter";
import { makeThrottle } from "@/lib/limits/window-limiter";
import { processWide } from "@/lib/process-wide";
import { secretOf } from "@/lib/secrets/app-credentials";
import type { TestOutcome } from "./test-connection";

const HOUR_SECONDS = 60 * 60;
const HOUR_MS = HOUR_SECONDS * 1_000;
const REFUSED_AN_HOUR_ORGANIZATION = 10;
const REFUSED_AN_HOUR_ADDRESS = 30;
/** Of any outcome: enough to test and connect dozens of apps. */
const TESTS_AN_HOUR_ORGANIZATION = 120;
const REFUSED_FOR_MS = 30_000;
const REFUSED_MAX = 1_000;

/** Lets so many tries through, and then none for an hour. */
const anHour = (name: string, tries: number): TryCounter =>
  makeTryCounter(name, [...Array<number>(tries - 1).fill(0), HOUR_MS], HOUR_MS);

const limits = () =>
  processWide("apps.testLimits", () => ({
    refusedOrganization: anHour("test_refused_org", REFUSED_AN_HOUR_ORGANIZATION),
    refusedAddress: anHour("test_refused_address", REFUSED_AN_HOUR_ADDRESS),
    organization: makeThrottle("tests_org", TESTS_AN_HOUR_ORGANIZATION, HOUR_SECONDS),
  }));

export const tooManyTests = (limit: LimitName, waitMs: number) =>
  new AppError("rate_limited", "too many connection tests", {
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
    limit,
  });

/** A test counts as a refused one until it is taken back. */
export type CountedTest = { takeBack(): Promise<void> };

/**
 * Counts a connection test before DingTalk is asked: ten refused pairs an hour for an organization and thirty for an
 * address, or the form would be an oracle for secrets (S9). Renewals of connected apps are not counted.
 *
 * @throws {AppError} `rate_limited` with the limit that holds the test back
 */
export async function countTest(organizationId: string, address: string): Promise<CountedTest> {
  const { refusedOrganization, refusedAddress, organization } = limits();
  const key = addressKey(address);
  const ofOrganization = await refusedOrganization.begin(organizationId);
  if (!ofOrganization.isLetThrough) throw tooManyTests("refusedTestsOrganization", ofOrganization.waitMs);
  const giveOrganizationBack = () => refusedOrganization.giveBack(organizationId, ofOrganization.counted);
  const ofAddress = await refusedAddress.begin(key);
  if (!ofAddress.isLetThrough) {
    await giveOrganizationBack();
    throw tooManyTests("refusedTestsAddress", ofAddress.waitMs);
  }
  const takeBack = async () => {
    await giveOrganizationBack();
    await refusedAddress.giveBack(key, ofAddress.counted);
  };
  const waitMs = await organization.take(organizationId);
  if (waitMs !== null) {
    await takeBack();
    throw tooManyTests("testsOrganization", waitMs);
  }
  return { takeBack };
}

type Refused = { readonly outcome: TestOutcome; readonly untilMs: number };

/** Credentials that DingTalk has just refused, by a hash under a key that this process alone has. */
const refusals = () =>
  processWide("apps.refusals", () => ({ key: randomBytes(32), byCredentials: new Map<string, Refused>() }));

/** The name of credentials in this process. */
export function credentialsKeyOf(credentials: Credentials): string {
  const ticket = credentials.kind === "isv" ? (credentials.suiteTicket?.reveal() ?? null) : null;
  return createHmac("sha256", refusals().key)
    .update(JSON.stringify([identityOf(credentials), secretOf(credentials).reveal(), ticket]))
    .digest("base64");
}

/** The answer for credentials that were refused less than 30 s ago: asking again would cost DingTalk's patience. */
export function recallRefusal(credentials: Credentials, nowMs = Date.now()): TestOutcome | null {
  const held = refusals().byCredentials.get(credentialsKeyOf(credentials));
  return held && held.untilMs > nowMs ? held.outcome : null;
}

export function rememberRefusal(credentials: Credentials, outcome: TestOutcome, nowMs = Date.now()): void {
  const { byCredentials } = refusals();
  const oldest = byCredentials.keys().next().value;
  if (byCredentials.size >= REFUSED_MAX && oldest !== undefined) byCredentials.delete(oldest);
  byCredentials.set(credentialsKeyOf(credentials), { outcome, untilMs: nowMs + REFUSED_FOR_MS });
}
