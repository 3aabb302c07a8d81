/**
 * Every code a caller may branch on, with the HTTP status it becomes at the edge.
 * Adding a code is adding a line here (and its sentence in `messages/`, key `error.<code>`).
 */
export const ERROR_STATUS = {
  unauthenticated: 401,
  password_needed: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  invalid_input: 422,
  rate_limited: 429,
  internal: 500,
  upstream_failed: 502,
  unavailable: 503,
  upstream_timeout: 504,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

type AppErrorOptions = {
  /** Seconds until the caller may try again. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
};

/**
 * A failure that has a name.
 *
 * `message` is for the log. What a person reads is looked up by `code` in their own language, so a
 * message that quotes somebody else's answer can never reach an edge by accident.
 */
export class AppError extends Error {
  override readonly name: string = "AppError";
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/**
 * The answer for a row that does not exist and for a row of another organization: one and the same,
 * so that an id cannot be probed.
 */
export const notFound = (what: string): AppError => new AppError("not_found", `no such ${what}`);
