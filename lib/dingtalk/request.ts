import type { Redacted } from "@/lib/redacted";
import type { Result } from "@/lib/result";
import type { Dingtalk } from "./client";
import type { DingtalkError } from "./errors";
import type { JsonObject } from "./read-json";

/** Where a call's token comes from, and what to do about one that DingTalk no longer takes. */
export type TokenSource = {
  current(signal?: AbortSignal): Promise<Redacted>;
  /**
   * A token in place of `dead`. It is asked for at most once in a call; it renews only if `dead` is still
   * the one it holds, so that ten calls that fail together cause one renewal.
   */
  replace(dead: Redacted, signal?: AbortSignal): Promise<Redacted>;
};

/** The app on whose behalf a call is made. */
export type DingtalkCaller = {
  /** Its AppKey or SuiteKey. */
  readonly appKey: string;
  readonly token: TokenSource;
  /** DingTalk's own app, as the limiter knows it. Default: `appKey`. */
  readonly limiterId?: string;
  /** What DingTalk allows this app for each API; the server's own value where it is left out. */
  readonly callsPerSecond?: number;
};

export type DingtalkRequest<T> = Omit<DingtalkCaller, "token"> & {
  readonly host: "oapi" | "api";
  /** The route, without a slash in front; also its name in errors, counters and the limiter. */
  readonly api: string;
  /** The route as it is sent, where a part of it varies; `api` is its template then. */
  readonly path?: string;
  readonly method: "GET" | "POST";
  /** `null` for the calls that ask for a token. */
  readonly token: TokenSource | null;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string;
  /** Secrets in `query` or `body`, which no error may quote. */
  readonly secrets?: readonly Redacted[];
  /**
   * Takes what the caller wants from an answer that says yes, or names the fields that are not as documented.
   * @param sentAtMs when the request left, in milliseconds since the epoch
   */
  readonly read: (answer: JsonObject, sentAtMs: number) => Result<T, string>;
};

/** One call under way. */
export type Run<T> = {
  readonly dingtalk: Dingtalk;
  readonly request: DingtalkRequest<T>;
  readonly signal: AbortSignal | undefined;
  deadlineMs: number;
  attempts: number;
  throttles: number;
  last: Ending | null;
};

/** How an exchange ended, or the turn before it. */
export type Ending = {
  readonly error: DingtalkError | null;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly bytes: number;
};

/** The configured address of the host that is called. */
export function baseOf<T>({ dingtalk, request }: Run<T>): URL {
  return new URL(request.host === "oapi" ? dingtalk.oapiUrl : dingtalk.apiUrl);
}
