import type { Redacted } from "@/lib/redacted";
import type { Result } from "@/lib/result";
import type { Dingtalk } from "./client";
import type { DingtalkError } from "./errors";
import type { JsonObject } from "./read-json";

export type TokenSource = {
  current(signal?: AbortSignal): Promise<Redacted>;
  /** Returns another token than `dead`, at most once per call. Ten calls that fail together cause one renewal. */
  replace(dead: Redacted, signal?: AbortSignal): Promise<Redacted>;
};

export type DingtalkCaller = {
  readonly appKey: string;
  readonly token: TokenSource;
  readonly limiterId?: string;
  readonly callsPerSecond?: number;
};

export type DingtalkRequest<T> = Omit<DingtalkCaller, "token"> & {
  readonly host: "oapi" | "api";
  /** The route without a leading slash; also its name in errors, metrics and the limiter. */
  readonly api: string;
  readonly path?: string;
  readonly method: "GET" | "POST";
  readonly token: TokenSource | null;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Secrets in `query` or `body`, which errors must not quote. */
  readonly secrets?: readonly Redacted[];
  /**
   * Reads a successful answer. The error names the fields that are not as documented. `sentAtMs` is since the epoch.
   */
  readonly read: (answer: JsonObject, sentAtMs: number) => Result<T, string>;
};

export type Run<T> = {
  readonly dingtalk: Dingtalk;
  readonly request: DingtalkRequest<T>;
  readonly signal: AbortSignal | undefined;
  deadlineMs: number;
  attempts: number;
  throttles: number;
  last: Ending | null;
};

/** Result of the last exchange, or of the wait in the limiter before it. */
export type Ending = {
  readonly error: DingtalkError | null;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly bytes: number;
};

export function baseOf<T>({ dingtalk, request }: Run<T>): URL {
  return new URL(request.host === "oapi" ? dingtalk.oapiUrl : dingtalk.apiUrl);
}
