import { AppError, type ErrorCode } from "@/lib/errors";

/** A failure of Dingkeep as DingTalk's client libraries understand it: `errcode` for oapi, `code` for api. */
type Words = { readonly errcode: number; readonly code: string };

/** @see docs/dingtalk/errors.md */
const WORDS: Partial<Record<ErrorCode, Words>> = {
  path_malformed: { errcode: 40035, code: "invalidParameter.path" },
  path_refused: { errcode: 60011, code: "Forbidden.AccessDenied.AccessTokenPermissionDenied" },
  malformed: { errcode: 40035, code: "invalidParameter.body" },
  forbidden: { errcode: 60011, code: "Forbidden.AccessDenied.AccessTokenPermissionDenied" },
  not_found: { errcode: 50003, code: "invalidAuthInfo" },
  conflict: { errcode: 50003, code: "invalidAuthInfo" },
  rate_limited: { errcode: 90018, code: "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi" },
};
/** Makes the client wait and retry. */
const BUSY: Words = { errcode: -1, code: "systemBusy" };
const DEAD_TOKEN: Words = { errcode: 40014, code: "InvalidAuthentication" };
const WRONG_PAIR: Words = { errcode: 40089, code: "invalidClientIdOrSecret" };

export type ClientFailure = {
  readonly failure: unknown;
  readonly host: "oapi" | "api";
  /** The request fetched a token, so it carries credentials and no token. */
  readonly asksToken: boolean;
};

/** Returns the error codes on which DingTalk's client libraries branch. */
export function clientWords({ failure, asksToken }: ClientFailure): Words {
  if (!(failure instanceof AppError)) return BUSY;
  if (failure.code === "unauthenticated") return asksToken ? WRONG_PAIR : DEAD_TOKEN;
  const own = Number(failure.fault?.subCode ?? failure.fault?.code ?? Number.NaN);
  const words = WORDS[failure.code] ?? BUSY;
  return Number.isInteger(own) ? { ...words, errcode: own } : words;
}

/**
 * Returns DingTalk's status for an invalid token and for wrong credentials, because it makes clients fetch a new token;
 * `null` for failures that keep Dingkeep's status.
 */
export function clientStatus({ failure, host }: ClientFailure): number | null {
  if (!(failure instanceof AppError) || failure.code !== "unauthenticated") return null;
  return host === "oapi" ? 200 : 400;
}
