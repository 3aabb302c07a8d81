import "server-only";
import { inOrganization } from "@/lib/db/unit-of-work";
import { type AppIdentity, type Credentials, identityOf } from "@/lib/dingtalk/credentials";
import { AppError } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";
import type { AppRef } from "@/lib/tokens/app-ref";
import { countTest } from "@/lib/tokens/count-test";
import { Flights } from "@/lib/tokens/flights";
import { ofTheSameApp } from "./same-app";
import { isRefused, type TestOutcome, testConnection } from "./test-connection";
import { assertMayTest, credentialsKeyOf, recallRefusal, rememberRefusal } from "./test-throttle";

/** Three checks, each of which ends by itself before this. */
const TEST_MS_MAX = 120_000;

/** The tests that run in this process, by their credentials. */
const flights = () => processWide("apps.tests", () => new Flights<TestOutcome>(TEST_MS_MAX));

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
  const waitMs = await countTest({ organizationId, appId });
  if (waitMs === null) return { organizationId, appId };
  throw new AppError("rate_limited", "too many exchanges of one app in ten minutes", {
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
  });
}

async function testAndRemember(credentials: Credentials, app: AppRef | null): Promise<TestOutcome> {
  const outcome = await testConnection(credentials, app);
  if (isRefused(outcome)) rememberRefusal(credentials, outcome);
  return outcome;
}

/**
 * One real test within the limits of S9. Credentials that were just refused are not asked about again, and those
 * who test the same ones at the same time share one test, also across organizations: each of them has them. Both
 * hold in one process; another one asks once more, for an outcome is nothing to store.
 *
 * When the organization has connected the app, with whichever secret, each test counts as one of that app's
 * exchanges. A real exchange is what is wanted, so the token that is kept does not stand in for it: it would
 * say that a secret works which was changed at DingTalk meanwhile.
 *
 * @throws {AppError} `rate_limited`
 */
export async function testWithinLimits(
  organizationId: string,
  address: string,
  credentials: Credentials,
): Promise<TestOutcome> {
  await assertMayTest(organizationId, address);
  const known = recallRefusal(credentials);
  if (known) return known;
  const app = await assertAppMayTest(organizationId, identityOf(credentials));
  // Whoever was counted meanwhile may have had the answer.
  return (
    recallRefusal(credentials) ??
    flights().join(credentialsKeyOf(credentials), () => testAndRemember(credentials, app), undefined)
  );
}
