import "server-only";
import { createHmac, randomBytes } from "node:crypto";
import { makeThrottle } from "@/lib/db/throttle";
import { type Credentials, identityOf } from "@/lib/dingtalk/credentials";
import { AppError } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";
import { secretOf } from "@/lib/secrets/app-credentials";
import type { TestOutcome } from "./test-connection";

const HOUR_SECONDS = 60 * 60;
const TESTS_AN_HOUR_ORGANIZATION = 10;
const TESTS_AN_HOUR_ADDRESS = 30;
const REFUSED_FOR_MS = 30_000;
const REFUSED_MAX = 1_000;

const throttles = () =>
  processWide("apps.testThrottles", () => ({
    organization: makeThrottle("test_org", TESTS_AN_HOUR_ORGANIZATION, HOUR_SECONDS),
    address: makeThrottle("test_address", TESTS_AN_HOUR_ADDRESS, HOUR_SECONDS),
  }));

/**
 * Ten tests an hour for an organization, thirty for an address, or the page would be an oracle for
 * passwords (S9). Renewals of connected apps don't come this way.
 *
 * @throws {AppError} `rate_limited`
 */
export async function assertMayTest(organizationId: string, address: string): Promise<void> {
  const { organization, address: perAddress } = throttles();
  const waits = [await organization.take(organizationId), await perAddress.take(address)];
  const waitMs = Math.max(...waits.map((wait) => wait ?? 0));
  if (waitMs > 0) {
    throw new AppError("rate_limited", "too many connection tests", {
      retryAfterSeconds: Math.ceil(waitMs / 1_000),
    });
  }
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
