import { INSISTED_PAUSE_MS } from "./lease-policy";
import {
  type AnsweredToken,
  type Moment,
  type RenewalPlan,
  renewalPlan,
  type TokenText,
} from "./renewal-policy";

/** What DingTalk gives out beyond its longest life lives, since it was given out; but it is asked about soon. */
const BEYOND_MS = 2 * 60_000;

/** What was held before, and since when. */
export type HeldBefore = AnsweredToken & { readonly changedAt: Date };

export type AnswerPlan = RenewalPlan & {
  readonly expiresAt: Date;
  /** A renewal that a reader forced brought the same string. */
  readonly isInsisted: boolean;
  /** No renewal is forced before then; `null`: as before. */
  readonly forceAfter: Date | null;
};

type Circumstances = {
  /** When DingTalk was asked. */
  readonly askedAt: Date;
  readonly isForced: boolean;
  readonly lifeMsMax: number | null;
  readonly moment: Moment;
};

/** All that follows from an answer, wherever it is stored. */
export function answerPlan(
  before: HeldBefore | null,
  answer: TokenText,
  { askedAt, isForced, lifeMsMax, moment }: Circumstances,
): AnswerPlan {
  const firstHadAt = before?.value === answer.value ? before.changedAt : askedAt;
  const expiresAt = lastingUntil(answer.expiresAt, { firstHadAt, lifeMsMax, nowMs: moment.nowMs });
  const plan = renewalPlan(before, { value: answer.value, expiresAt, obtainedAt: askedAt }, moment);
  const isInsisted = isForced && !plan.isNewString;
  const forceAfter = isInsisted ? new Date(moment.nowMs + INSISTED_PAUSE_MS) : null;
  return { ...plan, expiresAt, isInsisted, forceAfter };
}

type Lasting = { readonly firstHadAt: Date; readonly lifeMsMax: number | null; readonly nowMs: number };

function lastingUntil(expiresAt: Date, { firstHadAt, lifeMsMax, nowMs }: Lasting): Date {
  if (lifeMsMax === null) return expiresAt;
  const lastMs = firstHadAt.getTime() + lifeMsMax;
  return new Date(Math.min(expiresAt.getTime(), lastMs > nowMs ? lastMs : nowMs + BEYOND_MS));
}
