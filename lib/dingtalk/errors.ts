import { AppError, type ErrorCode, type UpstreamFault } from "@/lib/errors";
import { shareClass } from "@/lib/shared-class";
import { type DingtalkErrorKind, type DingtalkThrottleScope } from "./error-kinds";
import { operatorAdvice } from "./operator-advice";
import { type DingtalkRetry, retryOf } from "./retry-policy";

/** DingTalk's answer. Texts are truncated, and sent secrets and tokens are removed from them. */
export type DingtalkUpstream = {
  readonly host: string;
  readonly status: number | null;
  /** In DingTalk's spelling, such as `88`, `40014`, `InvalidAuthentication`. */
  readonly code: string | null;
  /** The code inside a wrapper (`88`, `15`), such as `60011`. */
  readonly subCode: string | null;
  /** DingTalk's own text, at most 1,000 characters. Show it in `<bdi>` or log it; never branch on it. */
  readonly message: string;
  readonly requestId: string | null;
  readonly requiredScopes: readonly string[];
  /** This server's address as DingTalk sees it; set when DingTalk refuses the address. */
  readonly callerIp: string | null;
  readonly appKey: string | null;
  readonly contentType: string | null;
  readonly bodyStart: string | null;
  readonly networkCode: string | null;
};

/** Safe to store as JSON and to show later. */
export type DingtalkErrorDescription = Omit<DingtalkUpstream, "requiredScopes"> & {
  readonly kind: DingtalkErrorKind;
  readonly retry: DingtalkRetry;
  readonly api: string;
  readonly requiredScopes: string[];
  readonly throttleScope: DingtalkThrottleScope | null;
  readonly retryAfterMs: number | null;
};

export type DingtalkErrorInit = {
  readonly kind: DingtalkErrorKind;
  /** The route's template, such as `topapi/v2/department/listsub`; never the address as sent, which can contain a token. */
  readonly api: string;
  readonly upstream: Partial<DingtalkUpstream> & { readonly host: string };
  readonly throttleScope?: DingtalkThrottleScope | null;
  readonly retryAfterMs?: number | null;
};

const UNKNOWN_UPSTREAM: Omit<DingtalkUpstream, "host"> = {
  status: null,
  code: null,
  subCode: null,
  message: "",
  requestId: null,
  requiredScopes: [],
  callerIp: null,
  appKey: null,
  contentType: null,
  bodyStart: null,
  networkCode: null,
};

/**
 * A failed call to DingTalk. Branch on `kind` only. Contains no request, secret or `cause`, because errors are written
 * to logs and job tables.
 */
export class DingtalkError extends AppError {
  static {
    shareClass(DingtalkError, "DingtalkError");
  }

  override readonly name = "DingtalkError";
  readonly kind: DingtalkErrorKind;
  readonly retry: DingtalkRetry;
  readonly api: string;
  readonly upstream: DingtalkUpstream;
  readonly throttleScope: DingtalkThrottleScope | null;
  readonly retryAfterMs: number | null;

  constructor({ kind, api, upstream, throttleScope = null, retryAfterMs = null }: DingtalkErrorInit) {
    const known: DingtalkUpstream = { ...UNKNOWN_UPSTREAM, ...upstream };
    const retryAfter = retryAfterMs === null ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1_000) };
    super(errorCodeOf(kind), logLine({ kind, api, throttleScope }, known), retryAfter);
    this.kind = kind;
    this.retry = retryOf(kind);
    this.api = api;
    this.upstream = known;
    this.throttleScope = throttleScope;
    this.retryAfterMs = retryAfterMs;
  }

  override get fault(): UpstreamFault {
    return this.describe();
  }

  describe(): DingtalkErrorDescription {
    return {
      kind: this.kind,
      retry: this.retry,
      api: this.api,
      ...this.upstream,
      requiredScopes: [...this.upstream.requiredScopes],
      throttleScope: this.throttleScope,
      retryAfterMs: this.retryAfterMs,
    };
  }

  toJSON(): DingtalkErrorDescription {
    return this.describe();
  }
}

export function withKind(error: DingtalkError, kind: DingtalkErrorKind): DingtalkError {
  const { api, upstream, throttleScope, retryAfterMs } = error;
  return new DingtalkError({ kind, api, upstream, throttleScope, retryAfterMs });
}

function errorCodeOf(kind: DingtalkErrorKind): ErrorCode {
  if (kind === "timeout") return "upstream_timeout";
  if (kind === "renewals_used_up") return "unavailable";
  if (kind === "throttled" || kind === "quota_used_up" || kind === "ip_banned") return "rate_limited";
  return "upstream_failed";
}

function logLine(
  { kind, api, throttleScope = null }: Omit<DingtalkErrorInit, "upstream">,
  upstream: DingtalkUpstream,
): string {
  const code = [upstream.code, upstream.subCode].filter((part) => part !== null).join("/");
  const parts = [
    `DingTalk ${api}: ${kind}`,
    upstream.status !== null && `status ${upstream.status}`,
    code && `code ${code}`,
    upstream.networkCode,
    upstream.message,
    upstream.requestId && `[${upstream.requestId}]`,
    operatorAdvice(kind, throttleScope),
  ];
  return parts.filter(Boolean).join(" · ");
}
