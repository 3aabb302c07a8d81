import { AppError, type ErrorCode } from "@/lib/errors";

/** `errcode` is for oapi, `code` for api. */
type ClientError = { readonly errcode: number; readonly code: string };

/** @see docs/dingtalk/errors.md */
const CLIENT_ERRORS: Partial<Record<ErrorCode, ClientError>> = {
  path_malformed: { errcode: 40035, code: "invalidParameter.path" },
  path_refused: { errcode: 60011, code: "Forbidden.AccessDenied.AccessTokenPermissionDenied" },
  malformed: { errcode: 40035, code: "invalidParameter.body" },
  forbidden: { errcode: 60011, code: "Forbidden.AccessDenied.AccessTokenPermissionDenied" },
  not_found: { errcode: 50003, code: "invalidAuthInfo" },
  conflict: { errcode: 50003, code: "invalidAuthInfo" },
  rate_limited: { errcode: 90018, code: "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi" },
};
/** Makes DingTalk's client libraries wait and retry. */
const BUSY: ClientError = { errcode: -1, code: "systemBusy" };
const INVALID_TOKEN: ClientError = { errcode: 40014, code: "InvalidAuthentication" };
const WRONG_CREDENTIALS: ClientError = { errcode: 40089, code: "invalidClientIdOrSecret" };

export type ClientFailure = {
  readonly failure: unknown;
  readonly host: "oapi" | "api";
  /** The request carries credentials instead of a token. */
  readonly isTokenRequest: boolean;
};

/** Returns DingTalk's error for a refusal of our own. */
export const clientErrorFor = (code: ErrorCode): ClientError => CLIENT_ERRORS[code] ?? BUSY;

export function clientErrorOf({ failure, isTokenRequest }: ClientFailure): ClientError {
  if (!(failure instanceof AppError)) return BUSY;
  if (failure.code === "unauthenticated") return isTokenRequest ? WRONG_CREDENTIALS : INVALID_TOKEN;
  const own = Number(failure.fault?.subCode ?? failure.fault?.code ?? Number.NaN);
  const error = clientErrorFor(failure.code);
  return Number.isInteger(own) ? { ...error, errcode: own } : error;
}

/** Returns DingTalk's status for invalid credentials, which makes clients fetch a new token; else `null`. */
export function clientStatus({ failure, host }: ClientFailure): number | null {
  if (!(failure instanceof AppError) || failure.code !== "unauthenticated") return null;
  return host === "oapi" ? 200 : 400;
}
