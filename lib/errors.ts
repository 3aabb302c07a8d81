import { shareClass } from "./shared-class";

/** HTTP status of each error code. Each code has a text in `messages/` (key `error.<code>`). */
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

/** Texts for programs. Each limit also has a text in `messages/` (key `error.limit.<name>`). */
export const LIMITS = {
  refusedTestsOrganization: "10 refused connection tests an hour for an organization",
  refusedTestsAddress: "30 refused connection tests an hour for an address",
  testsOrganization: "120 connection tests an hour for an organization",
  testsAtOnce: "connection tests at once",
  exchangesOfApp: "token exchanges of one app in ten minutes",
} as const;

export type LimitName = keyof typeof LIMITS;

type AppErrorOptions = {
  readonly retryAfterSeconds?: number;
  /** Sent to programs, so it may name a field or a limit but quote no value of the request. */
  readonly detail?: string;
  /** The exceeded limit. Its text becomes the detail. */
  readonly limit?: LimitName;
  readonly cause?: unknown;
};

/** A failure with a code. `message` is for the log only; users read the text of `code`. */
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

  get fault(): UpstreamFault | null {
    return null;
  }
}

/** Returns the same error for a missing row and for another organization's row, so that ids can't be probed. */
export const notFound = (what: string): AppError => new AppError("not_found", `no such ${what}`);
