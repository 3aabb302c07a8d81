import type { Token } from "./api.js";
import { DingkeepError } from "./error.js";

export type TokenLeaseOptions = {
  /** Once nobody has asked for this long, nothing is kept up any more. Default 10 minutes. */
  readonly idleMs?: number;
};

type Source = {
  /** @param after waits for a newer one than this version */
  read(after: number | null, signal: AbortSignal): Promise<Token>;
  invalidate(version: number): Promise<Token>;
};

const IDLE_MS = 10 * 60_000;
/** Whoever is given a token has time to use it. */
const USABLE_MS = 30_000;
const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_MAX = 30_000;

/** Thrown by what `use` was given, and caught by it. */
const REFUSED = Symbol("DingTalk refused the token");

/**
 * One app's access token. The first reader asks for it; from then on a request waits at Dingkeep for the next
 * version, so that a reader gets the present one from memory. While Dingkeep is away the last one is given until it ends.
 */
export class TokenLease {
  readonly #source: Source;
  readonly #idleMs: number;
  #held: Token | null = null;
  #reading: Promise<Token> | null = null;
  #following: AbortController | null = null;
  #askedAtMs = 0;

  constructor(source: Source, { idleMs = IDLE_MS }: TokenLeaseOptions = {}) {
    this.#source = source;
    this.#idleMs = idleMs;
  }

  /**
   * The access token, for one call to DingTalk.
   *
   * @throws {DingkeepError} when there is none to be had, and why
   */
  async getToken(): Promise<string> {
    this.#askedAtMs = Date.now();
    const { accessToken } = this.#isUsable() ? (this.#held as Token) : await this.#read();
    if (!this.#following) void this.#follow();
    return accessToken;
  }

  /**
   * Says that DingTalk refused a token, and gives the one to use now.
   *
   * @param accessToken the one that was refused; for an older one than is held, nothing is asked
   * @throws {DingkeepError} `rate_limited` where it was renewed a moment ago; `unavailable` when DingTalk ended so many
   *   tokens that the renewals of ten minutes are used up
   */
  async invalidate(accessToken: string): Promise<string> {
    const held = this.#held;
    if (!held || held.accessToken !== accessToken) return this.getToken();
    this.#take(await this.#source.invalidate(held.version));
    return this.getToken();
  }

  /**
   * Runs `work` with the token, and once more with the next one if it calls `refused()`, as when DingTalk answers
   * with 40014, 42001 (as `sub_code` where `errcode` is 88) or `InvalidAuthentication`.
   */
  async use<T>(work: (accessToken: string, refused: () => never) => Promise<T>): Promise<T> {
    const refused = (): never => {
      throw REFUSED;
    };
    const token = await this.getToken();
    try {
      return await work(token, refused);
    } catch (error) {
      if (error !== REFUSED) throw error;
    }
    const next = await this.invalidate(token);
    return work(next, () => {
      throw new Error("DingTalk refused the token, and the next one too");
    });
  }

  /** Keeps nothing up any more, until the next `getToken()`. A program that ends calls it. */
  close(): void {
    this.#following?.abort();
    this.#following = null;
  }

  #isUsable(): boolean {
    return this.#held !== null && Date.parse(this.#held.expiresAt) - Date.now() > USABLE_MS;
  }

  /** A version before the one that is held comes late, and is dropped. */
  #take(token: Token): Token {
    if (!this.#held || token.version >= this.#held.version) this.#held = token;
    return this.#held;
  }

  #read(): Promise<Token> {
    const { signal } = new AbortController();
    this.#reading ??= this.#source
      .read(null, signal)
      .then((token) => this.#take(token))
      .finally(() => {
        this.#reading = null;
      });
    return this.#reading;
  }

  async #follow(): Promise<void> {
    const following = new AbortController();
    this.#following = following;
    const { signal } = following;
    let pauseMs = PAUSE_MS_MIN;
    while (!signal.aborted && Date.now() - this.#askedAtMs < this.#idleMs) {
      try {
        this.#take(await this.#source.read(this.#held?.version ?? null, signal));
        pauseMs = PAUSE_MS_MIN;
      } catch (error) {
        if (signal.aborted) break;
        const said = error instanceof DingkeepError ? error.retryAfterSeconds : null;
        await pause(said === null ? pauseMs : said * 1_000, signal);
        pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
      }
    }
    if (this.#following === following) this.#following = null;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
