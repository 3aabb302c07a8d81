import "server-only";
import type pg from "pg";
import { recordFailure, recordSuccess } from "@/lib/app-health/app-state";
import type { AppRef } from "@/lib/app-ref";
import type { Work } from "@/lib/db/run-sql";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { scheduleAppJob } from "@/lib/jobs/send-job";
import { recordTokenEvent, type TokenEventKind } from "../history/token-events";
import type { RowClaim } from "../store/claim";
import { TOKEN_TABLE, type TokenTable } from "../store/stored-token";
import { type Answer, type LockedRow, lockRow, writeFailure, writeToken } from "../store/write-token";
import {
  type AnswerPlan,
  attemptLimits,
  type FailureHistory,
  type JitteredTime,
  nextRetryAt,
  type PreviousToken,
  planAfterAnswer,
} from "./renewal-policy";

export function previousToken(row: LockedRow | null): PreviousToken | null {
  if (!row) return null;
  const { token, obtainedAt, expiresAt, changedAt } = row;
  if (!token || !obtainedAt || !expiresAt || !changedAt) return null;
  return { value: token.reveal(), obtainedAt, expiresAt, changedAt };
}

export const failureHistory = (row: LockedRow): FailureHistory => ({
  attemptedAt: row.attemptedAt,
  failures: row.failures,
  attemptsMax: attemptLimits(row).all,
});

type Received = {
  readonly row: LockedRow | null;
  readonly answer: Answer;
  readonly askedAt: Date;
  readonly isForced: boolean;
  readonly time: JitteredTime;
};

export async function writeAnswer(
  work: Work,
  table: TokenTable,
  app: AppRef,
  { row, answer: { token, expiresAt }, ...received }: Received,
): Promise<AnswerPlan> {
  const answered = { value: token.reveal(), expiresAt };
  const plan = planAfterAnswer(previousToken(row), answered, { ...received, lifeMsMax: table.lifeMsMax });
  await writeToken(work, table, app, { ...plan, token, obtainedAt: received.askedAt });
  return plan;
}

type Answered = {
  readonly claim: RowClaim;
  readonly answer: AccessToken;
  readonly time: JitteredTime;
  readonly host: string;
};

/** Stores the token of a renewal and its effects, unless another process holds the claim by now. */
export async function storeAnswer(
  client: pg.ClientBase,
  app: AppRef,
  { claim, answer, time, host }: Answered,
): Promise<void> {
  const row = await lockRow(client, TOKEN_TABLE, app, claim);
  if (!row) return;
  const received = { row, answer, askedAt: claim.at, isForced: claim.isForced, time };
  const plan = await writeAnswer(client, TOKEN_TABLE, app, received);
  const at = new Date(time.nowMs);
  const { expiresAt } = answer;
  const tookMs = durationMs(claim, time);
  await recordTokenEvent(client, app, { kind: eventKind(row, plan), at, tookMs, expiresAt });
  if (plan.isSameTokenForced) await recordFailure(client, app, sameTokenError(answer, host), { at });
  else await recordSuccess(client, app, "worked", at);
  await scheduleAppJob("token.renew", app, plan.renewAt, client);
}

const durationMs = ({ at }: RowClaim, { nowMs }: JitteredTime) => Math.max(0, nowMs - at.getTime());

function eventKind(row: LockedRow | null, { isNewVersion }: AnswerPlan): TokenEventKind {
  if (!previousToken(row)) return "obtained";
  return isNewVersion ? "renewed" : "unchanged";
}

/** DingTalk returned the string that a reader reported as refused. Only DingTalk knows the cause. */
const sameTokenError = ({ source }: AccessToken, host: string): DingtalkError =>
  new DingtalkError({ kind: "same_token_insisted", api: source, upstream: { host } });

/** Stores a failed renewal and its retry, unless another process holds the claim by now. The current token stays. */
export async function storeFailure(
  client: pg.ClientBase,
  app: AppRef,
  { claim, error, time }: { claim: RowClaim; error: DingtalkError; time: JitteredTime },
): Promise<void> {
  const row = await lockRow(client, TOKEN_TABLE, app, claim);
  if (!row) return;
  const { nowMs } = time;
  const renewAt = nextRetryAt(error, failureHistory(row), time);
  await writeFailure(client, TOKEN_TABLE, app, { error, renewAt, nowMs });
  const at = new Date(nowMs);
  await recordTokenEvent(client, app, { kind: "failed", at, tookMs: durationMs(claim, time), error });
  await recordFailure(client, app, error, { at });
  if (renewAt) await scheduleAppJob("token.renew", app, renewAt, client);
}

/**
 * Stores the token of a connection test and verifies the app. A concurrent renewal stores nothing. The attempt counts
 * only for a new app: `countConnectionTest` counted the others.
 * @param work the unit of work that stores the app, after its row was inserted
 */
export async function storeVerifiedToken(
  work: Work,
  organizationId: string,
  appId: string,
  answer: AccessToken,
): Promise<void> {
  const app = { organizationId, appId };
  const row = await lockRow(work, TOKEN_TABLE, app, null);
  const time = { nowMs: Date.now(), random: Math.random() };
  const at = new Date(time.nowMs);
  const plan = await writeAnswer(work, TOKEN_TABLE, app, { row, answer, askedAt: at, isForced: false, time });
  const { expiresAt } = answer;
  await recordTokenEvent(work, app, { kind: eventKind(row, plan), at, expiresAt });
  await recordSuccess(work, app, "passed", at);
  await scheduleAppJob("token.renew", app, plan.renewAt, work);
}
