import "server-only";
import { type AppRef, keyOf } from "@/lib/app-ref";
import { type Hearing, isHearing, READ_AGAIN_AFTER_MS, subscribe } from "@/lib/db/notifications";
import type { HeldToken } from "../renewal/lease-policy";

/** More apps than a process serves; what is forgotten is read again. */
const REMEMBERED_MAX = 10_000;
/** Was read while nothing was heard: no time of hearing has this number. */
const NEVER_SURE = -1;

/** A change that is waited for. */
export type Change = {
  /** Resolves when it is heard of. */
  readonly happened: Promise<void>;
  hasHappened(): boolean;
  /** When the waiting began, by the memory's clock. */
  readonly sinceMs: number;
  /** Ends the waiting. */
  stop(): void;
};

type Remembered = {
  readonly held: HeldToken;
  /** Which of the times of hearing it was read in: it is sure to be the present one in that time only. */
  readonly hearing: number;
  readonly readAtMs: number;
};

/**
 * What one process remembers of tokens, so that a reader needs no database: never longer than the token lives, for 15 s
 * and only while this process hears of changes, and by organization and app.
 */
export class TokenMemory {
  readonly #tokens = new Map<string, Remembered>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #hearing: Hearing;
  /** Counts the times of hearing: each begins after a gap. */
  #hearings = 0;

  readonly #now: () => number;

  /**
   * @param kind of the notices that tell of changes
   * @param now milliseconds of a clock that nobody sets
   */
  constructor(
    kind: string,
    hearing: Hearing = { subscribe, isHearing },
    now: () => number = () => performance.now(),
  ) {
    this.#hearing = hearing;
    this.#now = now;
    hearing.subscribe(kind, {
      onNotice: ({ organizationId, id }) => this.#forget({ organizationId, appId: id }),
      onStale: () => this.#beginAnew(),
    });
  }

  find(app: AppRef, nowMs: number): HeldToken | null {
    const remembered = this.#tokens.get(keyOf(app));
    if (remembered?.hearing !== this.#hearings || !this.#hearing.isHearing()) return null;
    return this.#now() - remembered.readAtMs < READ_AGAIN_AFTER_MS ? livingOf(remembered, nowMs) : null;
  }

  /**
   * What was the token when something was last heard or read of it; perhaps it no longer is. For the time in
   * which the database can't be asked.
   */
  findUnsure(app: AppRef, nowMs: number): HeldToken | null {
    return livingOf(this.#tokens.get(keyOf(app)), nowMs);
  }

  /** Whether changes are heard of now. */
  isHearing(): boolean {
    return this.#hearing.isHearing();
  }

  /** @param since from before the row was read: what was read before a change is not remembered after it */
  remember(app: AppRef, held: HeldToken, since: Change): void {
    if (since.hasHappened()) return;
    if (this.#tokens.size >= REMEMBERED_MAX) this.#tokens.clear();
    const hearing = this.isHearing() ? this.#hearings : NEVER_SURE;
    this.#tokens.set(keyOf(app), { held, hearing, readAtMs: since.sinceMs });
  }

  /** The next change of the app's token that is heard of. Begin before the row is read. */
  nextChange(app: AppRef): Change {
    const { promise, resolve } = Promise.withResolvers<void>();
    let hasHappened = false;
    const wake = () => {
      hasHappened = true;
      resolve();
    };
    const key = keyOf(app);
    const waiting = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiting.add(wake));
    const stop = () => {
      waiting.delete(wake);
      if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    };
    return { happened: promise, hasHappened: () => hasHappened, sinceMs: this.#now(), stop };
  }

  #forget(app: AppRef): void {
    this.#tokens.delete(keyOf(app));
    for (const wake of this.#waiting.get(keyOf(app)) ?? []) wake();
  }

  #beginAnew(): void {
    this.#hearings += 1;
    for (const waiting of this.#waiting.values()) for (const wake of waiting) wake();
  }
}

const livingOf = (remembered: Remembered | undefined, nowMs: number): HeldToken | null =>
  remembered && remembered.held.expiresAt.getTime() > nowMs ? remembered.held : null;
