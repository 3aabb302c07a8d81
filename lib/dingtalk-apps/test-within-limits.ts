import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization } from "@/lib/db/unit-of-work";
import { type AppIdentity, type Credentials, identityOf } from "@/lib/dingtalk/credentials";
import { ConnectionTestSlots, countTest, tooManyTests } from "@/lib/limits/connection-tests";
import { CONNECTION_TESTS } from "@/lib/limits/numbers";
import { processWide } from "@/lib/process-wide";
import { SingleFlight } from "@/lib/single-flight";
import { countConnectionTest } from "@/lib/tokens/renewal/connection-test-limit";
import { credentialsKeyOf, recallRefusal, rememberRefusal } from "./refused-credentials";
import { ofTheSameApp } from "./same-app";
import { isRefused, type TestOutcome, testConnection } from "./test-connection";

/** Three checks, each of which ends by itself before this. */
const TEST_MS_MAX = 120_000;

const RETRY_MS = 5_000;

/** The places of this process, one for each connection. */
const places = () =>
  processWide(
    "apps.testPlaces",
    () =>
      new ConnectionTestSlots({
        running: CONNECTION_TESTS.running,
        refusal: () => tooManyTests("testsAtOnce", RETRY_MS),
      }),
  );

/** The tests that run in this process, by their credentials. */
const singleFlight = () => processWide("apps.tests", () => new SingleFlight<TestOutcome>(TEST_MS_MAX));

const findAppId = (organizationId: string, identity: AppIdentity): Promise<string | null> =>
  inOrganization({ organizationId }, async (tx) => {
    const app = await tx.dingtalkApp.findFirst({
      where: { organizationId, ...ofTheSameApp(identity) },
      select: { id: true },
    });
    return app?.id ?? null;
  });

/** @returns the app, if it is connected */
async function assertAppMayTest(organizationId: string, identity: AppIdentity): Promise<AppRef | null> {
  const appId = await findAppId(organizationId, identity);
  if (appId === null) return null;
  const waitMs = await countConnectionTest({ organizationId, appId });
  if (waitMs === null) return { organizationId, appId };
  throw tooManyTests("exchangesOfApp", waitMs);
}

async function testAndRemember(credentials: Credentials, app: AppRef | null): Promise<TestOutcome> {
  const outcome = await testConnection(credentials, app);
  if (isRefused(outcome)) rememberRefusal(credentials, outcome);
  return outcome;
}

async function askDingtalk(organizationId: string, credentials: Credentials): Promise<TestOutcome> {
  const app = await assertAppMayTest(organizationId, identityOf(credentials));
  const work = () => testAndRemember(credentials, app);
  // Asked last: a shared test may have ended while the app was looked up, and another would cost a second call.
  return recallRefusal(credentials) ?? singleFlight().run(credentialsKeyOf(credentials), work, undefined);
}

async function testOnce(
  organizationId: string,
  address: string,
  credentials: Credentials,
): Promise<TestOutcome> {
  const known = recallRefusal(credentials);
  if (known) return known;
  const counted = await countTest(organizationId, address);
  let isNewRefusal = false;
  try {
    // Another caller may have had the answer while this one was counted.
    const knownNow = recallRefusal(credentials);
    if (knownNow) return knownNow;
    const outcome = await askDingtalk(organizationId, credentials);
    isNewRefusal = isRefused(outcome);
    return outcome;
  } finally {
    if (!isNewRefusal) await counted.withdraw();
  }
}

/**
 * One real test within the limits of S9. Credentials that were refused less than 30 s ago are neither asked about nor
 * counted again, and callers who test the same ones at the same time share one test, also across organizations: each
 * of them has the credentials. Both hold in one process; another one asks once more, since an outcome is not stored.
 *
 * When the organization has connected the app, with whichever secret, each test counts as one of that app's
 * exchanges. A real exchange is what is wanted, so the token that is kept does not stand in for it: it would
 * say that a secret works which was changed at DingTalk meanwhile.
 *
 * @throws {AppError} `rate_limited` with the limit that holds the test back
 */
export const testWithinLimits = (
  organizationId: string,
  address: string,
  credentials: Credentials,
): Promise<TestOutcome> => places().run(organizationId, () => testOnce(organizationId, address, credentials));
