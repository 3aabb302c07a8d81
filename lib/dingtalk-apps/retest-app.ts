import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { lockTokenAndApp } from "@/lib/db/lock-app";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { type Credentials } from "@/lib/dingtalk/credentials";
import { checkScheduleNow } from "@/lib/directory/runs/schedule";
import { enqueueFirstSync } from "@/lib/directory/runs/start-run";
import { notFound } from "@/lib/errors";
import { recordState } from "@/lib/notices/record-state";
import { openCredentials, STORED_CREDENTIALS } from "@/lib/secrets/app-credentials";
import { storeVerifiedToken } from "@/lib/tokens/renewal/store-outcome";
import { assertAppId } from "./queries";
import type { ConnectionTest } from "./schema";
import type { TestOutcome } from "./test-connection";
import { testWithinLimits } from "./test-within-limits";

/** Returns the stored credentials of an app. @throws {AppError} `not_found` */
export async function readCredentials(
  actor: Actor<"app.change"> | Actor<"directory.sync">,
  appId: string,
): Promise<Credentials> {
  assertAppId(appId);
  const { organizationId } = actor;
  const app = await inOrganization(actor, (tx) =>
    tx.dingtalkApp.findUnique({
      where: { organizationId_id: { organizationId, id: appId } },
      select: STORED_CREDENTIALS,
    }),
  );
  if (!app) throw notFound("app");
  return openCredentials({ organizationId, appId }, app);
}

/** Verifies an app after a passed test, stores the token of the test, and queues the first sync if none has run. */
export async function markVerified(
  tx: Tx,
  organizationId: string,
  appId: string,
  { token }: TestOutcome,
): Promise<void> {
  const { state, runsMade } = await lockTokenAndApp(tx, { organizationId, appId });
  // A successful test must not enable an app that a person disabled
  if (state === "disabled") return;
  if (state !== "verified") {
    await tx.$executeRaw`
      UPDATE dingtalk_app SET state = 'verified', state_since = now(), state_reason = NULL, verified_at = now(),
        probe_at = NULL
      WHERE organization_id = ${organizationId}::uuid AND id = ${appId}::uuid`;
    await recordState(tx, { organizationId, appId }, { state: "verified", reason: null, at: new Date() });
    await checkScheduleNow(tx, { organizationId, appId });
  }
  if (token) await storeVerifiedToken(tx, organizationId, appId, token);
  if (runsMade === 0) await enqueueFirstSync(tx, { organizationId, appId });
}

/** Tests a connected app and marks it as verified if it passes. @throws {AppError} `not_found`; `rate_limited` */
export async function testStoredCredentials(
  actor: Actor<"app.change"> | Actor<"directory.sync">,
  appId: string,
  address: string,
): Promise<{ readonly outcome: TestOutcome; readonly credentials: Credentials }> {
  const { organizationId } = actor;
  const credentials = await readCredentials(actor, appId);
  const outcome = await testWithinLimits(organizationId, address, credentials);
  if (outcome.test.isPassed) {
    await inOrganization(actor, (tx) => markVerified(tx, organizationId, appId, outcome));
  }
  return { outcome, credentials };
}

/** @throws as `testStoredCredentials` */
export async function retestApp(
  actor: Actor<"app.change">,
  appId: string,
  address: string,
): Promise<ConnectionTest> {
  return (await testStoredCredentials(actor, appId, address)).outcome.test;
}
