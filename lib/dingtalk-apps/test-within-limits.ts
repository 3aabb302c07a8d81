import "server-only";
import { inOrganization } from "@/lib/db/unit-of-work";
import type { AppPair } from "@/lib/dingtalk/tokens";
import { AppError } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";
import { countTest } from "@/lib/tokens/count-test";
import { Flights } from "@/lib/tokens/flights";
import { type TestOutcome, testConnection } from "./test-connection";
import { assertMayTest, pairKeyOf, recallRefusal, rememberRefusal } from "./test-throttle";

/** Three checks, each of which ends by itself before this. */
const TEST_MS_MAX = 120_000;

/** The tests that run in this process, by their pair. */
const flights = () => processWide("apps.tests", () => new Flights<TestOutcome>(TEST_MS_MAX));

const findAppId = (organizationId: string, appKey: string): Promise<string | null> =>
  inOrganization({ organizationId }, async (tx) => {
    const app = await tx.dingtalkApp.findUnique({
      where: { organizationId_appKey: { organizationId, appKey } },
      select: { id: true },
    });
    return app?.id ?? null;
  });

async function assertAppMayTest(organizationId: string, appKey: string): Promise<void> {
  const appId = await findAppId(organizationId, appKey);
  const waitMs = appId === null ? null : await countTest({ organizationId, appId });
  if (waitMs === null) return;
  throw new AppError("rate_limited", "too many exchanges of one app in ten minutes", {
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
  });
}

async function testAndRemember(pair: AppPair): Promise<TestOutcome> {
  const outcome = await testConnection(pair);
  if (!outcome.test.isPassed && !outcome.test.mayBeDraft) rememberRefusal(pair, outcome);
  return outcome;
}

/**
 * One real test within the limits of S9. A pair that was just refused is not asked about again, and those who
 * test one pair at the same time share one test, also across organizations: each of them has the pair. Both
 * hold in one process; another one asks once more, for an outcome is nothing to store.
 *
 * When the organization has connected the AppKey, with whichever secret, each test counts as one of that app's
 * exchanges. A real exchange is what is wanted, so the token that is kept does not stand in for it: it would
 * say that a secret works which was changed at DingTalk meanwhile.
 *
 * @throws {AppError} `rate_limited`
 */
export async function testWithinLimits(
  organizationId: string,
  address: string,
  pair: AppPair,
): Promise<TestOutcome> {
  await assertMayTest(organizationId, address);
  const known = recallRefusal(pair);
  if (known) return known;
  await assertAppMayTest(organizationId, pair.appKey);
  // Whoever was counted meanwhile may have had the answer.
  return recallRefusal(pair) ?? flights().join(pairKeyOf(pair), () => testAndRemember(pair), undefined);
}
