import { AppError, type ErrorCode } from "@/lib/errors";

/** What a client of DingTalk's takes a failure of ours for, on its two hosts. */
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
/** What it waits and asks again after. */
const BUSY: Words = { errcode: -1, code: "systemBusy" };
const DEAD_TOKEN: Words = { errcode: 40014, code: "InvalidAuthentication" };
const WRONG_PAIR: Words = { errcode: 40089, code: "invalidClientIdOrSecret" };

export type ClientFailure = {
  readonly failure: unknown;
  readonly host: "oapi" | "api";
  /** It asked for a token, and didn't come with one. */
  readonly asksToken: boolean;
};

/** The words for a failure, as a client of DingTalk's branches on them. */
export function clientWords({ failure, asksToken }: ClientFailure): Words {
  if (!(failure instanceof AppError)) return BUSY;
  if (failure.code === "unauthenticated") return asksToken ? WRONG_PAIR : DEAD_TOKEN;
  const own = Number(failure.fault?.subCode ?? failure.fault?.code ?? Number.NaN);
  const words = WORDS[failure.code] ?? BUSY;
  return Number.isInteger(own) ? { ...words, errcode: own } : words;
}

/**
 * The status of a failure for a client of DingTalk's. A token that is over and a pair that is wrong are answered with
 * DingTalk's own, for that is what makes clients ask for a new token; everything else keeps ours.
 */
export function clientStatus({ failure, host }: ClientFailure): number | null {
  if (!(failure instanceof AppError) || failure.code !== "unauthenticated") return null;
  return host === "oapi" ? 200 : 400;
}
