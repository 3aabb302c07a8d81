import { shareClass } from "./shared-class";

/**
 * Every code a caller may branch on, with the HTTP status it becomes at the edge.
 * Adding a code is adding a line here (and its sentence in `messages/`, key `error.<code>`).
 */
export const ERROR_STATUS = {
  malformed: 400,
  path_malformed: 400,
  unauthenticated: 401,
  password_needed: 401,
  forbidden: 403,
  path_refused: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  cursor_expired: 410,
  too_large: 413,
  wrong_content_type: 415,
  invalid_input: 422,
  repeated_differently: 422,
  not_verified: 422,
  rate_limited: 429,
  internal: 500,
  upstream_failed: 502,
  unavailable: 503,
  upstream_timeout: 504,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** What is known of a failure on the other side, as an edge may show it to whoever called. */
export type UpstreamFault = {
  readonly kind: string;
  readonly api: string;
  readonly host: string;
  readonly code: string | null;
  readonly subCode: string | null;
  readonly message: string;
  readonly requestId: string | null;
  readonly requiredScopes: readonly string[];
  readonly callerIp: string | null;
  readonly throttleScope: string | null;
};

/**
 * Limits that a person is told by name; each has a sentence in `messages/` (key `error.limit.<name>`) and a text for
 * programs.
 */
export const LIMITS = {
  refusedTestsOrganization: "10 refused connection tests an hour for an organization",
  refusedTestsAddress: "30 refused connection tests an hour for an address",
  testsOrganization: "120 connection tests an hour for an organization",
  testsAtOnce: "connection tests at once",
  exchangesOfApp: "token exchanges of one app in ten minutes",
} as const;

export type LimitName = keyof typeof LIMITS;

type AppErrorOptions = {
  /** Seconds until the caller may try again. */
  readonly retryAfterSeconds?: number;
  /** What a program is told beside the code: a field's name, a limit; never a value that somebody sent. */
  readonly detail?: string;
  /** Which limit holds the caller back, for `rate_limited`. Its text becomes the detail. */
  readonly limit?: LimitName;
  readonly cause?: unknown;
};

/**
 * A failure that has a name.
 *
 * `message` is for the log. What a person reads is looked up by `code` in their own language, so a
 * message that quotes somebody else's answer can never reach an edge by accident.
 */
export class AppError extends Error {
  static {
    shareClass(AppError, "AppError");
  }

  override readonly name: string = "AppError";
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly detail: string | undefined;
  readonly limit: LimitName | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.limit = options.limit;
    this.detail = options.detail ?? (options.limit && LIMITS[options.limit]);
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }

  /** Set where it was somebody else's answer. */
  get fault(): UpstreamFault | null {
    return null;
  }
}

/**
 * The answer for a row that does not exist and for a row of another organization: one and the same,
 * so that an id cannot be probed.
 */
export const notFound = (what: string): AppError => new AppError("not_found", `no such ${what}`);
