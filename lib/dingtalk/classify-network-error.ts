import { errors } from "undici";
import type { DingtalkErrorKind } from "./error-kinds";

/** Returns only the code of a network error, because its message can quote the address with its secrets. */
export function networkCodeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof AggregateError && error.errors.length > 0) return networkCodeOf(error.errors[0]);
  // undici does not always set the code of this error
  if (error instanceof errors.HTTPParserError) return "HPE_INVALID";
  const code = "code" in error ? String(error.code) : "";
  // undici wraps failures of the connection to the proxy
  if (code.startsWith("UND_ERR_PRX") && error.cause) return networkCodeOf(error.cause) ?? code;
  return /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : null;
}

const TIMEOUTS = new Set([
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);
const TLS_CODE =
  /^(ERR_TLS|ERR_SSL|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_|PATH_LENGTH|EPROTO)/;

export function kindOfNetworkCode(code: string): DingtalkErrorKind {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EAI_NODATA") return "host_unresolved";
  if (TIMEOUTS.has(code)) return "timeout";
  if (TLS_CODE.test(code)) return "tls_failed";
  if (code.startsWith("HPE_")) return "not_dingtalk";
  if (code === "UND_ERR_HEADERS_OVERFLOW") return "too_large";
  return "unreachable";
}
