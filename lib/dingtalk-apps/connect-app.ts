import "server-only";
import { v7 as newId } from "uuid";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { type AppIdentity, type Credentials, identityOf } from "@/lib/dingtalk/credentials";
import { scheduleSync } from "@/lib/directory/runs/schedule";
import { enqueueFirstSync } from "@/lib/directory/runs/start-run";
import { env } from "@/lib/env";
import { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { sealedColumns } from "@/lib/secrets/app-credentials";
import { storeVerifiedToken } from "@/lib/tokens/renewal/store-outcome";
import { sameAppCondition } from "./same-app";
import type { ConnectAppInput, ConnectionTest, CredentialsInput } from "./schema";
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
