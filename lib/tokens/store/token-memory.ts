import "server-only";
import { type AppRef, keyOf } from "@/lib/app-ref";
import { CACHE_MAX_AGE_MS, isListening, type NotificationSource, subscribe } from "@/lib/db/notifications";
import type { StoredToken } from "./stored-token";

const REMEMBERED_MAX = 10_000;
/** The session of a token that was read while LISTEN was down. No session has this number. */
const NO_SESSION = -1;

export type Change = {
  /** Resolves on the change's NOTIFY, or when a gap in LISTEN may have hidden one. */
  readonly happened: Promise<void>;
  hasHappened(): boolean;
  readonly sinceMs: number;
  stop(): void;
};

type Remembered = {
  readonly stored: StoredToken;
  /** The LISTEN session in which the token was read. It is certainly current only in that session. */
  readonly session: number;
  readonly readAtMs: number;
};

/**
 * The tokens that one process has read, so that most readers need no database. Used for at most 15 s while notices
 * arrive.
 */
export class TokenMemory {
  readonly #tokens = new Map<string, Remembered>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #notifications: NotificationSource;
  /** Number of the LISTEN session. A new one begins after each gap. */
  #session = 0;

  readonly #now: () => number;

  /**
   * @param kind of the notices that announce changes
   * @param now milliseconds of a monotonic clock
   */
  constructor(
    kind: string,
    notifications: NotificationSource = { subscribe, isListening },
    now: () => number = () => performance.now(),
  ) {
    this.#notifications = notifications;
    this.#now = now;
    notifications.subscribe(kind, {
      onNotice: ({ organizationId, id }) => this.#forget({ organizationId, appId: id }),
      onStale: () => this.#startSession(),
    });
  }

  /** Returns the current token, or `null` if it may have changed. */
  find(app: AppRef, nowMs: number): StoredToken | null {
    const remembered = this.#tokens.get(keyOf(app));
    if (remembered?.session !== this.#session || !this.#notifications.isListening()) return null;
    return this.#now() - remembered.readAtMs < CACHE_MAX_AGE_MS ? validOf(remembered, nowMs) : null;
  }

  /** Returns the last known token, which may be outdated, for use while the database is away. */
  findStale(app: AppRef, nowMs: number): StoredToken | null {
    return validOf(this.#tokens.get(keyOf(app)), nowMs);
  }

  isListening(): boolean {
    return this.#notifications.isListening();
  }

  /** @param since started before the row was read, so that a token replaced meanwhile is not remembered */
  remember(app: AppRef, stored: StoredToken, since: Change): void {
    if (since.hasHappened()) return;
    if (this.#tokens.size >= REMEMBERED_MAX) this.#tokens.clear();
    const session = this.isListening() ? this.#session : NO_SESSION;
    this.#tokens.set(keyOf(app), { stored, session, readAtMs: since.sinceMs });
  }

  /** Starts a wait for the next change of the app's token. Must start before the row is read. */
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

  #startSession(): void {
    this.#session += 1;
    for (const waiting of this.#waiting.values()) for (const wake of waiting) wake();
  }
}

const validOf = (remembered: Remembered | undefined, nowMs: number): StoredToken | null =>
  remembered && remembered.stored.expiresAt.getTime() > nowMs ? remembered.stored : null;
