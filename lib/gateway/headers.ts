import { hideSecrets } from "@/lib/dingtalk/hide-secrets";
import { REQUESTED_WAIT_SECONDS_MAX } from "@/lib/limits/numbers";

export const TOKEN_HEADER = "x-acs-dingtalk-access-token";

/**
 * Request headers that are sent to DingTalk (S29), without `accept-encoding`: the token must be found in the answers.
 */
const REQUEST_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "accept-language",
  "content-encoding",
  "content-language",
  "content-type",
  "if-modified-since",
  "if-none-match",
  "range",
  "user-agent",
  "x-acs-action",
  "x-acs-date",
  "x-acs-signature-nonce",
  "x-acs-version",
]);

/** Response headers that are returned to the caller (S29). */
const RESPONSE_HEADERS: ReadonlySet<string> = new Set([
  "accept-ranges",
  "content-disposition",
  "content-language",
  "content-range",
  "content-type",
  "etag",
  "last-modified",
  "retry-after",
  "x-acs-request-id",
  "x-acs-trace-id",
]);

/** Selects the headers to send to DingTalk. A header that `Connection` names applies to one hop only. */
export function requestHeaders(headers: Headers): Record<string, string> {
  const ofThisHop = (headers.get("connection") ?? "").toLowerCase().split(",");
  const dropped = new Set(ofThisHop.map((name) => name.trim()));
  return Object.fromEntries([...headers].filter(([name]) => REQUEST_HEADERS.has(name) && !dropped.has(name)));
}

type UpstreamHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** @param hide the token; a header that contains it is dropped */
export function responseHeaders(headers: UpstreamHeaders, hide: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name, [value ?? []].flat().join(", ")] as const)
      .filter(([name, value]) => RESPONSE_HEADERS.has(name) && hideSecrets(value, [hide]) === value),
  );
}

const WAIT = /(?:^|[,;]\s*)wait\s*=\s*"?(\d{1,6})"?\s*(?:$|[,;])/i;

/** Returns how long the caller waits, in milliseconds. @see https://www.rfc-editor.org/rfc/rfc7240#section-4.3 */
export function preferredWaitMs(headers: Headers): number {
  const seconds = Number(WAIT.exec(headers.get("prefer") ?? "")?.[1] ?? 0);
  return Math.min(seconds, REQUESTED_WAIT_SECONDS_MAX) * 1_000;
}
