import type { Token } from "./api.js";
import { DingkeepError } from "./error.js";

export type TokenLeaseOptions = {
  /** Updates stop after this time without a reader. Default 10 minutes. */
  readonly idleMs?: number;
};

type Source = {
  /** @param after waits for a version newer than this one */
  read(after: number | null, signal: AbortSignal): Promise<Token>;
  invalidate(version: number): Promise<Token>;
};

const IDLE_MS = 10 * 60_000;
/** Minimum remaining lifetime of a returned token. */
const USABLE_MS = 30_000;
const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_MAX = 30_000;

/** Thrown by `refused()` in the callback of `use`, which catches it. */
const REFUSED = Symbol("DingTalk refused the token");

/**
 * Access token of one app. The first reader fetches it. Afterwards a long poll waits for the next version, so that
 * readers get the current token from memory. While Dingkeep is unavailable, the last token is used until it expires.
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
   * Returns the access token for one call to DingTalk.
   *
   * @throws {DingkeepError} when no token is available
   */
  async getToken(): Promise<string> {
    this.#askedAtMs = Date.now();
    const { accessToken } = this.#isUsable() ? (this.#held as Token) : await this.#read();
    if (!this.#following) void this.#follow();
    return accessToken;
  }

  /**
   * Reports that DingTalk refused a token, and returns the one to use instead.
   *
   * @param accessToken the refused token; nothing is requested if it is older than the current one
   * @throws {DingkeepError} `rate_limited` if it was renewed a moment ago; `unavailable` if DingTalk refused so many
   *   tokens that the renewals for ten minutes are used up
   */
  async invalidate(accessToken: string): Promise<string> {
    const held = this.#held;
    if (!held || held.accessToken !== accessToken) return this.getToken();
    this.#take(await this.#source.invalidate(held.version));
    return this.getToken();
  }

  /**
   * Runs `work` with the token, and again with the next token if it calls `refused()`. Call it when DingTalk answers
   * 40014, 42001 (in `sub_code` if `errcode` is 88) or `InvalidAuthentication`.
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

  /** Stops updates until the next `getToken()`. Call it before the program ends. */
  close(): void {
    this.#following?.abort();
    this.#following = null;
  }

  #isUsable(): boolean {
    return this.#held !== null && Date.parse(this.#held.expiresAt) - Date.now() > USABLE_MS;
  }

  /** Drops versions that arrive after a newer one. */
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
