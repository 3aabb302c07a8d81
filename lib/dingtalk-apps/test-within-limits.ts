import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { type AppIdentity, type Credentials, identityOf } from "@/lib/dingtalk/credentials";
import { ConnectionTestSlots, countTest, tooManyTests } from "@/lib/limits/connection-tests";
import { CONNECTION_TESTS } from "@/lib/limits/numbers";
import { processWide } from "@/lib/process-wide";
import { SingleFlight } from "@/lib/single-flight";
import { ATTEMPTS_WINDOW_MS, attemptLimits, nextAllowedMs } from "@/lib/tokens/renewal/renewal-policy";
import { readTokenRow } from "@/lib/tokens/store/stored-token";
import { credentialsKeyOf, recallRefusal, rememberRefusal } from "./refused-credentials";
import { sameAppCondition } from "./same-app";
import { isRefused, type TestOutcome, testConnection } from "./test-connection";

/** Longer than the time limits of the three checks together. */
const TEST_MS_MAX = 120_000;

const RETRY_MS = 5_000;

const slots = () =>
  processWide(
    "apps.testPlaces",
    () =>
      new ConnectionTestSlots({
        running: CONNECTION_TESTS.running,
        refusal: () => tooManyTests("testsAtOnce", RETRY_MS),
      }),
  );

const singleFlight = () => processWide("apps.tests", () => new SingleFlight<TestOutcome>(TEST_MS_MAX));

const findAppId = (organizationId: string, identity: AppIdentity): Promise<string | null> =>
  inOrganization({ organizationId }, async (tx) => {
    const app = await tx.dingtalkApp.findFirst({
      where: { organizationId, ...sameAppCondition(identity) },
      select: { id: true },
    });
    return app?.id ?? null;
  });

const COUNT = `
  UPDATE app_token SET
    attempted_at = ARRAY(SELECT a FROM unnest(attempted_at) a WHERE a >= $4) || $3::timestamptz
  WHERE organization_id = $1 AND app_id = $2
    AND (SELECT count(*) FROM unnest(attempted_at) a WHERE a >= $4) < $5`;

/**
 * Counts a connection test among the app's token requests of ten minutes, because DingTalk counts both by AppKey.
 * @returns `null` if the test may run; otherwise the wait in milliseconds
 */
function countConnectionTest(app: AppRef, nowMs: number = Date.now()): Promise<number | null> {
  return inOrganizationSql(app, async (client) => {
    const { test } = attemptLimits(await readTokenRow(client, app));
    const [at, since] = [new Date(nowMs), new Date(nowMs - ATTEMPTS_WINDOW_MS)];
    const { rowCount } = await client.query(COUNT, [app.organizationId, app.appId, at, since, test]);
    if (rowCount === 1) return null;
    const { attemptedAt } = await readTokenRow(client, app);
    return Math.max(1, nextAllowedMs(attemptedAt, nowMs, test) - nowMs);
  });
}

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
  // Checked again, because a shared test may have ended during the lookup of the app.
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
    // Another caller may have received the answer while this one was counted.
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
 * Runs a connection test within the limits of S9. Recently refused credentials are not tested again, and concurrent
 * tests of the same credentials share one, within one process. Tests of a connected app count toward its token
 * requests and don't use the stored token, which would hide a changed secret.
 * @throws {AppError} `rate_limited` with the exceeded limit
 */
export const testWithinLimits = (
  organizationId: string,
  address: string,
  credentials: Credentials,
): Promise<TestOutcome> => slots().run(organizationId, () => testOnce(organizationId, address, credentials));
