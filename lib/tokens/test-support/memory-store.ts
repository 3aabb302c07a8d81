import type { AccessToken } from "@/lib/dingtalk/access-token";
import { Redacted } from "@/lib/redacted";
import {
  ATTEMPTS_WINDOW_MS,
  attemptLimits,
  FORCED_PAUSE_MS,
  nextRetryAt,
  type PreviousToken,
  planAfterAnswer,
} from "../renewal/renewal-policy";
import type { ClaimStep, TokenStore } from "../renewal/token-store";
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
 * One app's row in memory, changed as the statements of `sqlTokenStore` change it. `token-store.db.test.ts` compares
 * both.
 */
export class MemoryStore implements Store {
  row: MemoryRow = EMPTY;
  /** Time of the app's renewal job. */
  dueAt: Date | null = null;
  readonly #announce: () => void;
  readonly #beforeClaim: () => Promise<void>;

  /**
   * @param announce sends the NOTIFY of a change
   * @param beforeClaim runs between the reading of the row and the claim, as another process's unit of work may
   */
  constructor(announce: () => void, beforeClaim: () => Promise<void>) {
    this.#announce = announce;
    this.#beforeClaim = beforeClaim;
  }

  async readAndClaim(_app: unknown, { choose }: ClaimStep) {
    const seen = this.row;
    const { decision, claim } = choose(seen);
    if (decision.do !== "renew") return { row: seen, decision, claim: null };
    await this.#beforeClaim();
    const { attemptsMax, isForced } = decision;
    const isOurs = this.#claim({
      ...claim,
      attemptsMax,
      isForced,
      countedFrom: new Date(claim.at.getTime() - ATTEMPTS_WINDOW_MS),
      forceAfter: new Date(claim.at.getTime() + FORCED_PAUSE_MS),
      seen,
    });
    return { row: seen, decision, claim: isOurs ? { id: claim.id, at: claim.at, isForced } : null };
  }

  #claim({ id, at, until, attemptsMax, countedFrom, isForced, forceAfter, seen }: ClaimRequest): boolean {
    const { row } = this;
    const attemptedAt = row.attemptedAt.filter((attempt) => attempt >= countedFrom);
    const isOurs =
      (row.renewingUntil === null || row.renewingUntil <= at) &&
      row.version === seen.version &&
      timeOf(row.obtainedAt) === timeOf(seen.obtainedAt) &&
      timeOf(row.lastErrorAt) === timeOf(seen.lastErrorAt) &&
      attemptedAt.length < attemptsMax &&
      (!isForced || row.forceAfter === null || row.forceAfter <= at);
    if (!isOurs) return false;
    this.row = {
      ...row,
      renewingBy: id,
      renewingUntil: until,
      attemptedAt: [...attemptedAt, at],
      forceAfter: isForced ? forceAfter : row.forceAfter,
    };
    return true;
  }

  async storeAnswer(_app: unknown, { claim, answer, time }: Answered) {
    const { row } = this;
    if (row.renewingBy !== claim.id) return;
    const answered = { value: answer.token.reveal(), expiresAt: answer.expiresAt };
    const plan = planAfterAnswer(previousOf(row), answered, {
      askedAt: claim.at,
      isForced: claim.isForced,
      lifeMsMax: null,
      time,
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

  async storeFailure(_app: unknown, { claim, error, time }: Failed) {
    const { row } = this;
    if (row.renewingBy !== claim.id) return;
    const renewAt = nextRetryAt(error, { ...row, attemptsMax: attemptLimits(row).all }, time);
    const lastErrorAt = new Date(time.nowMs);
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

function previousOf({ token, obtainedAt, expiresAt, changedAt }: MemoryRow): PreviousToken | null {
  if (!token || !obtainedAt || !expiresAt || !changedAt) return null;
  return { value: token.reveal(), obtainedAt, expiresAt, changedAt };
}
