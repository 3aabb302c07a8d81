import "server-only";
import { v7 as newId } from "uuid";
import type { Actor } from "@/lib/auth/actor";
import { lockTokenAndApp } from "@/lib/db/lock-app";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { type AppIdentity, type Credentials, identityOf, limiterIdOf } from "@/lib/dingtalk/credentials";
import { leaveDirectory } from "@/lib/directory/retention/erase-directory";
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
import { ofTheSameApp } from "./same-app";
import type { ChangeAppInput, ConnectAppInput, ConnectionTest, CredentialsInput } from "./schema";
import type { TestOutcome } from "./test-connection";
import { testWithinLimits } from "./test-within-limits";

/** Why an app was not connected. */
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

/** Why credentials can't be connected, whatever DingTalk says of them. */
export type ConnectObstacle = Exclude<ConnectFailure, { readonly code: "not_verified" }>;

/**
 * Tries credentials without keeping anything. Fails without a test for an app that could not be connected anyway.
 *
 * @param address where the request came from, whose tests are counted
 * @throws {AppError} `rate_limited`
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
  const where = { organizationId, ...ofTheSameApp(identity) };
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
  const credentials = credentialsOf(input);
  const identity = identityOf(credentials);
  const before = await inOrganization(actor, (tx) => findObstacle(tx, organizationId, identity));
  if (before) return err(before);
  const { test, token } = await testWithinLimits(organizationId, address, credentials);
  if (!test.isPassed && !(input.isDraft && test.mayBeDraft)) return err({ code: "not_verified", test });
  const appId = newId();
  return inOrganization(actor, async (tx) => {
    // One connects at a time in an organization, or two at once would pass the same count.
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

/** What is no id at all is answered as an id that isn't there. */
export function assertAppId(appId: string): void {
  if (!isUuid(appId)) throw notFound("app");
}

/** What is given is changed, the rest stays. */
export type AppChange = { readonly [K in keyof ChangeAppInput]?: ChangeAppInput[K] | undefined };

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is there and undefined: Prisma refuses it. */
const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;

/** A larger edition has calls left, though DingTalk said of the one before that it hadn't. */
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

/**
 * Changes what says nothing of whose app it is; what isn't given stays. The CorpId does for every kind but internal
 * apps: theirs is changed, and any other one's stays.
 *
 * @throws {AppError} `not_found`
 */
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
      data: given(input),
      select: { kind: true, appKey: true, corpId: true },
    });
    if (app && input.syncEveryHours !== undefined) await checkScheduleNow(tx, { organizationId, appId });
    const data = given({ corpId });
    if ("corpId" in data) await tx.dingtalkApp.updateMany({ where: { ...where, kind: "internal" }, data });
    return app;
  });
  if (!changed) throw notFound("app");
  // Another organization that has the same app, and less, says so again with its next call.
  if (input.callsPerSecond !== undefined) await forgetRate(limiterIdOf(storedIdentityOf(changed)));
}

/**
 * What a connected app proves itself with.
 *
 * @throws {AppError} `not_found`
 */
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

/** The app works now: its state, the token that the test was given, and its first sync if there was none yet. */
export async function markVerified(
  tx: Tx,
  organizationId: string,
  appId: string,
  { token }: TestOutcome,
): Promise<void> {
  const { state, runsMade } = await lockTokenAndApp(tx, { organizationId, appId });
  // What works at DingTalk is not enabled here by that
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

/**
 * Tests a connected app with the credentials that are kept, and sets it to work if it passes.
 *
 * @throws {AppError} `not_found`; `rate_limited`
 */
export async function testStored(
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

/** @throws as `testStored` */
export async function retestApp(
  actor: Actor<"app.change">,
  appId: string,
  address: string,
): Promise<ConnectionTest> {
  return (await testStored(actor, appId, address)).outcome.test;
}

/**
 * Deletes an app with its secret, token and runs, at once; its directory is out of everybody's sight, and erased by a
 * job. A job that is at work for it stops at its next call, since what it works on is gone.
 *
 * @param typed the app's name, as whoever deletes it wrote it; `null`: a service does, which nobody can ask
 * @throws {AppError} `not_found`
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
    // Of two that delete it at once the second one comes here, and finds it gone.
    const { count } = await tx.dingtalkApp.deleteMany({ where: { organizationId, id: appId } });
    if (count === 0) throw notFound("app");
    await leaveDirectory(tx, { organizationId, appId });
    return ok({ name: app.name });
  });
}
