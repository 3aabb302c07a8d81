import "server-only";
import { v7 as newId } from "uuid";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import type { AppPair } from "@/lib/dingtalk/tokens";
import { enqueueFirstSync } from "@/lib/directory/commands";
import { lockApp } from "@/lib/directory/sync/start-run";
import { dropQueuedSync } from "@/lib/directory/sync/sync-job";
import { env } from "@/lib/env";
import { notFound } from "@/lib/errors";
import { forgetRate } from "@/lib/limiter/shared-state";
import { isUuid } from "@/lib/public-id";
import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { openSecret, sealSecret } from "@/lib/secrets/sealed-secrets";
import { dropToken, forgetToken } from "@/lib/tokens/drop-token";
import { storeVerifiedToken } from "@/lib/tokens/store-verified-token";
import { isTypedName } from "@/lib/typed-name";
import { secretPlace } from "../secrets/app-secret";
import type { AppPairInput, ChangeAppInput, ConnectAppInput, ConnectionTest } from "./schema";
import type { TestOutcome } from "./test-connection";
import { testWithinLimits } from "./test-within-limits";

const SECRET_TAIL_CHARACTERS = 4;

/** Why an app was not connected. */
export type ConnectFailure =
  | { readonly code: "duplicate"; readonly name: string }
  | { readonly code: "too_many"; readonly max: number }
  | { readonly code: "not_verified"; readonly test: ConnectionTest };

const pairOf = ({ appKey, appSecret }: AppPairInput): AppPair => ({
  appKey,
  appSecret: new Redacted(appSecret),
});

const tailOf = (secret: string) => secret.slice(-SECRET_TAIL_CHARACTERS);

/**
 * Tries a pair without keeping anything.
 *
 * @param address where the request came from, whose tests are counted
 * @throws {AppError} `rate_limited`
 */
export async function tryConnection(
  { organizationId }: Actor<"app.connect">,
  input: AppPairInput,
  address: string,
): Promise<ConnectionTest> {
  return (await testWithinLimits(organizationId, address, pairOf(input))).test;
}

async function findObstacle(tx: Tx, organizationId: string, appKey: string): Promise<ConnectFailure | null> {
  // One connects at a time in an organization, or two at once would pass the same count.
  await tx.$queryRaw`SELECT 1 FROM organization WHERE organization_id = ${organizationId}::uuid FOR UPDATE`;
  const apps = await tx.dingtalkApp.findMany({
    where: { organizationId },
    select: { appKey: true, name: true },
  });
  const same = apps.find((app) => app.appKey === appKey);
  if (same) return { code: "duplicate", name: same.name };
  return apps.length >= env().MAX_APPS ? { code: "too_many", max: env().MAX_APPS } : null;
}

function insertApp(
  tx: Tx,
  organizationId: string,
  appId: string,
  input: ConnectAppInput,
  test: ConnectionTest,
) {
  const now = new Date();
  const failure = test.checks.find(({ fault }) => fault !== null);
  return tx.dingtalkApp.create({
    data: {
      organizationId,
      id: appId,
      name: input.name,
      appKey: input.appKey,
      sealedSecret: sealSecret(secretPlace(organizationId, appId), new Redacted(input.appSecret)),
      secretTail: tailOf(input.appSecret),
      corpId: input.corpId,
      agentId: input.agentId,
      state: test.isPassed ? "verified" : "draft",
      ...(failure?.fault && { stateReason: failure.fault }),
      verifiedAt: test.isPassed ? now : null,
    },
    select: { id: true },
  });
}

/**
 * Connects an app: tests it for real, keeps it, and starts its first sync. One that fails the test for a
 * reason outside the form is kept as a draft if that was asked for.
 *
 * @throws {AppError} `rate_limited`
 */
export async function connectApp(
  actor: Actor<"app.connect">,
  input: ConnectAppInput,
  address: string,
): Promise<Result<{ appId: string }, ConnectFailure>> {
  const { organizationId } = actor;
  const before = await inOrganization(actor, (tx) => findObstacle(tx, organizationId, input.appKey));
  if (before) return err(before);
  const { test, token } = await testWithinLimits(organizationId, address, pairOf(input));
  if (!test.isPassed && !(input.isDraft && test.mayBeDraft)) return err({ code: "not_verified", test });
  const appId = newId();
  return inOrganization(actor, async (tx) => {
    const obstacle = await findObstacle(tx, organizationId, input.appKey);
    if (obstacle) return err(obstacle);
    await insertApp(tx, organizationId, appId, input, test);
    if (token) await storeVerifiedToken(tx, organizationId, appId, token);
    if (test.isPassed) await enqueueFirstSync(tx, { organizationId, appId });
    return ok({ appId });
  });
}

/** What is no id at all is answered as an id that isn't there. */
export function assertAppId(appId: string): void {
  if (!isUuid(appId)) throw notFound("app");
}

/** @throws {AppError} `not_found` */
export async function changeApp(
  actor: Actor<"app.change">,
  appId: string,
  input: ChangeAppInput,
): Promise<void> {
  assertAppId(appId);
  const { organizationId } = actor;
  const { callsPerSecond, ...rest } = input;
  const [changed] = await inOrganization(actor, (tx) =>
    tx.dingtalkApp.updateManyAndReturn({
      where: { organizationId, id: appId },
      data: { ...rest, ...(callsPerSecond !== undefined && { callsPerSecond }) },
      select: { appKey: true },
    }),
  );
  if (!changed) throw notFound("app");
  // Another organization that has the same AppKey, and less, says so again with its next call.
  if (callsPerSecond !== undefined) await forgetRate(changed.appKey);
}

export async function readPair(actor: Actor<"app.change">, appId: string): Promise<AppPair> {
  assertAppId(appId);
  const { organizationId } = actor;
  const app = await inOrganization(actor, (tx) =>
    tx.dingtalkApp.findUnique({
      where: { organizationId_id: { organizationId, id: appId } },
      select: { appKey: true, sealedSecret: true },
    }),
  );
  if (!app) throw notFound("app");
  return { appKey: app.appKey, appSecret: openSecret(secretPlace(organizationId, appId), app.sealedSecret) };
}

/** The app works now: its state, the token that the test was given, and its first sync if there was none yet. */
export async function markVerified(
  tx: Tx,
  organizationId: string,
  appId: string,
  { token }: TestOutcome,
): Promise<void> {
  const { state, runsMade } = await lockApp(tx, { organizationId, appId });
  // What works at DingTalk is not enabled here by that
  if (state === "disabled") return;
  if (state !== "verified") {
    await tx.$executeRaw`
      UPDATE dingtalk_app SET state = 'verified', state_since = now(), state_reason = NULL, verified_at = now()
      WHERE organization_id = ${organizationId}::uuid AND id = ${appId}::uuid`;
  }
  if (token) await storeVerifiedToken(tx, organizationId, appId, token);
  if (runsMade === 0) await enqueueFirstSync(tx, { organizationId, appId });
}

/**
 * Tests a connected app with the secret that is kept, and sets it to work if it passes.
 *
 * @throws {AppError} `not_found`; `rate_limited`
 */
export async function retestApp(
  actor: Actor<"app.change">,
  appId: string,
  address: string,
): Promise<ConnectionTest> {
  const { organizationId } = actor;
  const outcome = await testWithinLimits(organizationId, address, await readPair(actor, appId));
  if (outcome.test.isPassed) {
    await inOrganization(actor, (tx) => markVerified(tx, organizationId, appId, outcome));
  }
  return outcome.test;
}

/**
 * Replaces the secret once the new one has worked; until then the old one stays. The test that it returns may
 * still have failed for a reason that isn't the pair, such as a missing permission.
 *
 * @throws {AppError} `not_found`; `rate_limited`
 */
export async function replaceSecret(
  actor: Actor<"app.change">,
  appId: string,
  { appSecret }: { readonly appSecret: string },
  address: string,
): Promise<Result<ConnectionTest, ConnectionTest>> {
  const { organizationId } = actor;
  const { appKey } = await readPair(actor, appId);
  const outcome = await testWithinLimits(organizationId, address, pairOf({ appKey, appSecret }));
  if (!outcome.token) return err(outcome.test);
  await inOrganization(actor, async (tx) => {
    const { count } = await tx.dingtalkApp.updateMany({
      where: { organizationId, id: appId },
      data: {
        sealedSecret: sealSecret(secretPlace(organizationId, appId), new Redacted(appSecret)),
        secretTail: tailOf(appSecret),
      },
    });
    if (count === 0) throw notFound("app");
    const { state } = await lockApp(tx, { organizationId, appId });
    if (state === "disabled") return;
    if (outcome.test.isPassed) await markVerified(tx, organizationId, appId, outcome);
    else await dropToken(tx, organizationId, appId);
  });
  return ok(outcome.test);
}

/**
 * Deletes an app with its secret, token, departments and runs, at once. A job that is at work for it stops
 * at its next call, since what it works on is gone.
 *
 * @throws {AppError} `not_found`
 */
export async function deleteApp(
  actor: Actor<"app.delete">,
  appId: string,
  typed: string,
): Promise<Result<{ name: string }, "typed_wrong">> {
  assertAppId(appId);
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const key = { organizationId_id: { organizationId, id: appId } };
    const app = await tx.dingtalkApp.findUnique({ where: key, select: { name: true } });
    if (!app) throw notFound("app");
    if (!isTypedName(typed, app.name)) return err("typed_wrong");
    await dropQueuedSync(tx, { organizationId, appId });
    await forgetToken(tx, organizationId, appId);
    // Of two that delete it at once the second one comes here, and finds it gone.
    const { count } = await tx.dingtalkApp.deleteMany({ where: { organizationId, id: appId } });
    if (count === 0) throw notFound("app");
    return ok({ name: app.name });
  });
}
