import "server-only";
import type pg from "pg";
import { noteFailure, noteSuccess } from "@/lib/app-health/record-outcome";
import type { AppRef } from "@/lib/app-ref";
import type { Work } from "@/lib/db/run-sql";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { recordTokenEvent, type TokenEventKind } from "../store/token-events";
import { TOKEN_TABLE } from "../store/token-table";
import { type LockedRow, lockRow, writeAnswer, writeFailure } from "../store/write-token";
import { nextTryAt } from "./breaker";
import type { Moment, RenewalPlan } from "./renewal-policy";
import { scheduleRenewal } from "./schedule-renewal";
import type { Claim } from "./token-row";

type Answered = {
  readonly claim: Claim;
  readonly answer: AccessToken;
  readonly moment: Moment;
  /** Who gave it. */
  readonly host: string;
};

/** @returns whether it was stored: not by a late writer, whose claim somebody else has by now */
export async function storeAnswer(
  client: pg.ClientBase,
  app: AppRef,
  { claim, answer, moment, host }: Answered,
): Promise<boolean> {
  const row = await lockRow(client, TOKEN_TABLE, app, claim);
  if (!row) return false;
  const stored = { before: row.before, askedAt: claim.at, isForced: claim.isForced, moment };
  const plan = await writeAnswer(client, TOKEN_TABLE, app, { answer, stored });
  const { isInsisted, renewAt } = plan;
  const at = new Date(moment.nowMs);
  const tookMs = Math.max(0, moment.nowMs - claim.at.getTime());
  await recordTokenEvent(client, app, { kind: kindOf(row.before, plan), at, tookMs });
  if (isInsisted) await noteFailure(client, app, insisted(answer, host), { at });
  else await noteSuccess(client, app, "worked", at);
  await scheduleRenewal(app, renewAt, client);
  return true;
}

function kindOf(before: LockedRow["before"] | undefined, { isNewVersion }: RenewalPlan): TokenEventKind {
  if (!before) return "obtained";
  return isNewVersion ? "renewed" : "unchanged";
}

/** DingTalk gives out the very string that a reader says it refused: what is wrong, only it knows. */
const insisted = ({ source }: AccessToken, host: string): DingtalkError =>
  new DingtalkError({ kind: "same_token_insisted", api: source, upstream: { host } });

/**
 * Stores a token that was had outside of a renewal. The exchange counts for an app that was just made; for one
 * that was there it was counted before (`countTest`). It ends any that is under way, whose answer may be older.
 */
export async function storeToken(
  work: Work,
  app: AppRef,
  answer: AccessToken,
  moment: Moment,
): Promise<void> {
  const row = await lockRow(work, TOKEN_TABLE, app, null);
  const at = new Date(moment.nowMs);
  const stored = { before: row?.before ?? null, askedAt: at, isForced: false, moment };
  const plan = await writeAnswer(work, TOKEN_TABLE, app, { answer, stored });
  await recordTokenEvent(work, app, { kind: kindOf(row?.before, plan), at });
  await noteSuccess(work, app, "passed", at);
  await scheduleRenewal(app, plan.renewAt, work);
}

/** Records a renewal that failed, and when the next one is tried; the token that was had stays. */
export async function storeFailure(
  client: pg.ClientBase,
  app: AppRef,
  { claim, error, moment }: { claim: Claim; error: DingtalkError; moment: Moment },
): Promise<boolean> {
  const row = await lockRow(client, TOKEN_TABLE, app, claim);
  if (!row) return false;
  const { nowMs } = moment;
  const renewAt = nextTryAt(error, row, moment);
  await writeFailure(client, TOKEN_TABLE, app, { error, renewAt, nowMs });
  const at = new Date(nowMs);
  await recordTokenEvent(client, app, {
    kind: "failed",
    at,
    tookMs: Math.max(0, nowMs - claim.at.getTime()),
    error,
  });
  await noteFailure(client, app, error, { at });
  if (renewAt) await scheduleRenewal(app, renewAt, client);
  return true;
}
