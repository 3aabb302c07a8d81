import type { AccessToken } from "@/lib/dingtalk/access-token";
import { Redacted } from "@/lib/redacted";
import { answerPlan, type HeldBefore } from "../renewal/answer-plan";
import { nextTryAt } from "../renewal/breaker";
import { FORCED_PAUSE_MS } from "../renewal/lease-policy";
import { ATTEMPTS_WINDOW_MS, attemptLimits } from "../renewal/renewal-policy";
import type { StepRequest, TokenStore } from "../renewal/token-store";
import type { ClaimRequest, RowClaim } from "../store/claim";
import type { TokenRow } from "../store/stored-token";

export type MemoryRow = TokenRow & { readonly renewingBy: string | null };

const EMPTY: MemoryRow = {
  appState: "verified",
  version: 0,
  stringVersion: null,
  token: null,
  changedAt: null,
  obtainedAt: null,
  expiresAt: null,
  renewAt: null,
  notExtendedUntil: null,
  forceAfter: null,
  lastError: null,
  lastErrorAt: null,
  renewingUntil: null,
  renewingBy: null,
  attemptedAt: [],
  failures: 0,
};

type Store = TokenStore<RowClaim, AccessToken>;
type Answered = Parameters<Store["storeAnswer"]>[1];
type Failed = Parameters<Store["storeFailure"]>[1];

const timeOf = (at: Date | null) => at?.getTime() ?? null;
const FREE = { renewingBy: null, renewingUntil: null } as const;

/**
 * One app's row as the statements of `sqlTokenStore` treat it, for tests of what is built on them;
 * `token-store.db.test.ts` holds the two against each other.
 */
export class MemoryStore implements Store {
  row: MemoryRow = EMPTY;
  /** Where the app's one waiting renewal stands. */
  dueAt: Date | null = null;
  readonly #announce: () => void;
  readonly #beforeClaim: () => Promise<void>;

  /**
   * @param announce tells the processes of a change
   * @param beforeClaim what happens between a row's reading and its claim, as another's unit of work may
   */
  constructor(announce: () => void, beforeClaim: () => Promise<void>) {
    this.#announce = announce;
    this.#beforeClaim = beforeClaim;
  }

  async step(_app: unknown, { choose }: StepRequest) {
    const seen = this.row;
    const { decision, claim } = choose(seen);
    if (decision.do !== "renew") return { row: seen, decision, claim: null };
    await this.#beforeClaim();
    const { attemptsMax, isForced } = decision;
    const isOurs = this.#claim({ ...claim, attemptsMax, isForced, seen });
    return { row: seen, decision, claim: isOurs ? { id: claim.id, at: claim.at, isForced } : null };
  }

  #claim({ id, at, until, attemptsMax, isForced, seen }: ClaimRequest): boolean {
    const { row } = this;
    const attemptedAt = row.attemptedAt.filter(
      (attempt) => attempt.getTime() >= at.getTime() - ATTEMPTS_WINDOW_MS,
    );
    const isOurs =
      (row.renewingUntil === null || row.renewingUntil <= at) &&
      row.version === seen.version &&
      timeOf(row.obtainedAt) === timeOf(seen.obtainedAt) &&
      timeOf(row.lastErrorAt) === timeOf(seen.lastErrorAt) &&
      attemptedAt.length < attemptsMax &&
      (!isForced || row.forceAfter === null || row.forceAfter <= at);
    if (!isOurs) return false;
    const forceAfter = isForced ? new Date(at.getTime() + FORCED_PAUSE_MS) : row.forceAfter;
    this.row = {
      ...row,
      renewingBy: id,
      renewingUntil: until,
      attemptedAt: [...attemptedAt, at],
      forceAfter,
    };
    return true;
  }

  async storeAnswer(_app: unknown, { claim, answer, moment }: Answered) {
    const { row } = this;
    if (row.renewingBy !== claim.id) return;
    const answered = { value: answer.token.reveal(), expiresAt: answer.expiresAt };
    const plan = answerPlan(beforeOf(row), answered, {
      askedAt: claim.at,
      isForced: claim.isForced,
      lifeMsMax: null,
      moment,
    });
    this.row = {
      ...row,
      ...FREE,
      token: new Redacted(answered.value),
      obtainedAt: claim.at,
      expiresAt: plan.expiresAt,
      renewAt: plan.renewAt,
      notExtendedUntil: plan.notExtendedUntil,
      changedAt: plan.isNewString ? claim.at : row.changedAt,
      version: row.version + (plan.isNewVersion ? 1 : 0),
      stringVersion: plan.isNewString ? row.version + 1 : (row.stringVersion ?? row.version),
      forceAfter: plan.forceAfter ?? row.forceAfter,
      lastError: null,
      lastErrorAt: null,
      failures: 0,
    };
    this.dueAt = plan.renewAt;
    this.#announce();
  }

  async storeFailure(_app: unknown, { claim, error, moment }: Failed) {
    const { row } = this;
    if (row.renewingBy !== claim.id) return;
    const renewAt = nextTryAt(error, { ...row, attemptsMax: attemptLimits(row).all }, moment);
    const lastErrorAt = new Date(moment.nowMs);
    const failures = row.failures + 1;
    this.row = { ...row, ...FREE, renewAt, lastError: error.describe(), lastErrorAt, failures };
    if (renewAt) this.dueAt = renewAt;
    this.#announce();
  }

  async release(_app: unknown, claim: RowClaim) {
    if (this.row.renewingBy === claim.id) this.row = { ...this.row, ...FREE };
    this.#announce();
  }

  async schedule(_app: unknown, at: Date) {
    this.dueAt = at;
  }
}

function beforeOf({ token, obtainedAt, expiresAt, changedAt }: MemoryRow): HeldBefore | null {
  if (!token || !obtainedAt || !expiresAt || !changedAt) return null;
  return { value: token.reveal(), obtainedAt, expiresAt, changedAt };
}
