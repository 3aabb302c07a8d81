import "server-only";
import { v7 as newId } from "uuid";
import type { Actor } from "@/lib/auth/actor";
import { lockTokenAndApp } from "@/lib/db/lock-app";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { type AppIdentity, type Credentials, identityOf, limiterIdOf } from "@/lib/dingtalk/credentials";
import { queueErasure } from "@/lib/directory/retention/erase-directory";
import { enqueueFirstSync } from "@/lib/directory/runs/commands";
import { dropQueuedSync } from "@/lib/directory/runs/queue";
import { checkScheduleNow, scheduleSync, unscheduleSync } from "@/lib/directory/runs/schedule";
import { env } from "@/lib/env";
import { notFound } from "@/lib/errors";
import { forgetRate } from "@/lib/limits/egress/shared-state";
import { endQuotaNotices } from "@/lib/notices/record-quota";
import { recordState } from "@/lib/notices/record-state";
import { isUuid } from "@/lib/public-id";
import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import {
  openCredentials,
  STORED_CREDENTIALS,
  sealedColumns,
  storedIdentityOf,
} from "@/lib/secrets/app-credentials";
import { clearToken } from "@/lib/tokens/renewal/discard-token";
import { storeVerifiedToken } from "@/lib/tokens/renewal/store-outcome";
import { isTypedName } from "@/lib/typed-name";
import { sameAppCondition } from "./same-app";
import type { ChangeAppInput, ConnectAppInput, ConnectionTest, CredentialsInput } from "./schema";
import type { TestOutcome } from "./test-connection";
import { testWithinLimits } from "./test-within-limits";

export type ConnectFailure =
  | { readonly code: "duplicate"; readonly name: string }
  | { readonly code: "too_many"; readonly max: number }
  | { readonly code: "not_verified"; readonly test: ConnectionTest };

function credentialsOf(input: CredentialsInput): Credentials {
  switch (input.kind) {
    case "unified": {
      const { kind, appKey, appSecret, corpId } = input;
      return { kind, appKey, appSecret: new Redacted(appSecret), corpId };
    }
    case "isv": {
      const { kind, suiteKey, suiteSecret, suiteTicket, corpId } = input;
      const ticket = suiteTicket === null ? null : new Redacted(suiteTicket);
      return { kind, suiteKey, suiteSecret: new Redacted(suiteSecret), suiteTicket: ticket, corpId };
    }
    default:
      return { kind: "internal", appKey: input.appKey, appSecret: new Redacted(input.appSecret) };
  }
}

/** Reason for which an app can't be connected even if DingTalk accepts its credentials. */
export type ConnectObstacle = Exclude<ConnectFailure, { readonly code: "not_verified" }>;

/**
 * Tests credentials and stores nothing. An app that can't be connected is not tested. @throws {AppError}
 * `rate_limited`
 */
export async function tryConnection(
  actor: Actor<"app.connect">,
  input: CredentialsInput,
  address: string,
): Promise<Result<ConnectionTest, ConnectObstacle>> {
  const { organizationId } = actor;
  const credentials = credentialsOf(input);
  const obstacle = await inOrganization(actor, (tx) =>
    findObstacle(tx, organizationId, identityOf(credentials)),
  );
  if (obstacle) return err(obstacle);
  return ok((await testWithinLimits(organizationId, address, credentials)).test);
}

async function findObstacle(
  tx: Tx,
  organizationId: string,
  identity: AppIdentity,
): Promise<ConnectObstacle | null> {
  const where = { organizationId, ...sameAppCondition(identity) };
  const same = await tx.dingtalkApp.findFirst({ where, select: { name: true } });
  if (same) return { code: "duplicate", name: same.name };
  const count = await tx.dingtalkApp.count({ where: { organizationId } });
  return count >= env().MAX_APPS ? { code: "too_many", max: env().MAX_APPS } : null;
}

function insertApp(
  tx: Tx,
  organizationId: string,
  appId: string,
  input: ConnectAppInput,
  test: ConnectionTest,
) {
  const now = new Date();
  const credentials = credentialsOf(input);
  const failure = test.checks.find(({ fault }) => fault !== null);
  return tx.dingtalkApp.create({
    data: {
      organizationId,
      id: appId,
      kind: credentials.kind,
      name: input.name,
      appKey: identityOf(credentials).key,
      ...sealedColumns({ organizationId, appId }, credentials, now),
      corpId: input.corpId,
      agentId: input.agentId,
      state: test.isPassed ? "verified" : "draft",
      ...(failure?.fault && { stateReason: failure.fault }),
      verifiedAt: test.isPassed ? now : null,
    },
    select: { syncEveryHours: true },
  });
}

/**
 * Tests and stores an app, and starts its first sync. With `isDraft`, a failure outside the form stores a draft.
 * @throws {AppError} `rate_limited`
 */
export async function connectApp(
  actor: Actor<"app.connect">,
  input: ConnectAppInput,
  address: string,
): Promise<Result<{ appId: string }, ConnectFailure>> {
  const { organizationId } = actor;
  const credentials = credentialsOf(input);
  const identity = identityOf(credentials);
  const before = await inOrganization(actor, (tx) => findObstacle(tx, organizationId, identity));
  if (before) return err(before);
  const { test, token } = await testWithinLimits(organizationId, address, credentials);
  if (!test.isPassed && !(input.isDraft && test.mayBeDraft)) return err({ code: "not_verified", test });
  const appId = newId();
  return inOrganization(actor, async (tx) => {
    // Without this lock, concurrent requests could exceed the limit of apps.
    await tx.$queryRaw`SELECT 1 FROM organization WHERE organization_id = ${organizationId}::uuid FOR UPDATE`;
    const obstacle = await findObstacle(tx, organizationId, identity);
    if (obstacle) return err(obstacle);
    const { syncEveryHours } = await insertApp(tx, organizationId, appId, input, test);
    if (token) await storeVerifiedToken(tx, organizationId, appId, token);
    if (test.isPassed) await enqueueFirstSync(tx, { organizationId, appId });
    await scheduleSync(tx, { organizationId, appId }, { everyHours: syncEveryHours, now: new Date() });
    return ok({ appId });
  });
}

/** @throws {AppError} `not_found` for a malformed ID, as for an unknown one */
export function assertAppId(appId: string): void {
  if (!isUuid(appId)) throw notFound("app");
}

/** Fields that are missing stay unchanged. */
export type AppChange = { readonly [K in keyof ChangeAppInput]?: ChangeAppInput[K] | undefined };

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Removes undefined fields, which Prisma rejects. */
const withoutUndefined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;

async function allowMoreCalls(
  tx: Tx,
  where: { readonly organizationId: string; readonly id: string },
  callsPerMonth: number,
): Promise<void> {
  const { count } = await tx.dingtalkApp.updateMany({
    where: { ...where, callsPerMonth: { lt: callsPerMonth } },
    data: { quotaUsedUpAt: null },
  });
  if (count > 0) await endQuotaNotices(tx, { ...where, appId: where.id }, new Date());
}

/** Changes an app's settings. The CorpId changes only for internal apps, because it identifies apps of other kinds. */
export async function changeApp(
  actor: Actor<"app.change">,
  appId: string,
  { corpId, ...input }: AppChange,
): Promise<void> {
  assertAppId(appId);
  const { organizationId } = actor;
  const where = { organizationId, id: appId };
  const changed = await inOrganization(actor, async (tx) => {
    if (input.callsPerMonth !== undefined) await allowMoreCalls(tx, where, input.callsPerMonth);
    const [app] = await tx.dingtalkApp.updateManyAndReturn({
      where,
      data: withoutUndefined(input),
      select: { kind: true, appKey: true, corpId: true },
    });
    if (app && input.syncEveryHours !== undefined) await checkScheduleNow(tx, { organizationId, appId });
    const data = withoutUndefined({ corpId });
    if ("corpId" in data) await tx.dingtalkApp.updateMany({ where: { ...where, kind: "internal" }, data });
    return app;
  });
  if (!changed) throw notFound("app");
  // Another organization with the same app and a lower rate applies its rate again with its next call.
  if (input.callsPerSecond !== undefined) await forgetRate(limiterIdOf(storedIdentityOf(changed)));
}

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

export async function retestApp(
  actor: Actor<"app.change">,
  appId: string,
  address: string,
): Promise<ConnectionTest> {
  return (await testStoredCredentials(actor, appId, address)).outcome.test;
}

/**
 * Deletes an app with its secret, token and runs. A job erases its directory. A running job stops at its next call.
 * @param typed the name typed for confirmation; `null` for a service
 */
export async function deleteApp(
  actor: Actor<"app.delete">,
  appId: string,
  typed: string | null,
): Promise<Result<{ name: string }, "typed_wrong">> {
  assertAppId(appId);
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const key = { organizationId_id: { organizationId, id: appId } };
    const app = await tx.dingtalkApp.findUnique({ where: key, select: { name: true } });
    if (!app) throw notFound("app");
    if (typed !== null && !isTypedName(typed, app.name)) return err("typed_wrong");
    await dropQueuedSync(tx, { organizationId, appId });
    await unscheduleSync(tx, { organizationId, appId });
    await clearToken(tx, organizationId, appId);
    // A concurrent request may have deleted the app.
    const { count } = await tx.dingtalkApp.deleteMany({ where: { organizationId, id: appId } });
    if (count === 0) throw notFound("app");
    await queueErasure(tx, { organizationId, appId });
    return ok({ name: app.name });
  });
}
