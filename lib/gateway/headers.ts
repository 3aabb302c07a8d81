import { hideSecrets } from "@/lib/dingtalk/hide-secrets";

/** Where DingTalk's clients put a token of the new host. */
export const TOKEN_HEADER = "x-acs-dingtalk-access-token";

/**
 * What of a request goes up (S29). Framing is our client's own, and the token's place is ours. Answers are searched for
 * the token, so none is asked for compressed.
 */
const UP: ReadonlySet<string> = new Set([
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

/** What of an answer comes back. */
const DOWN: ReadonlySet<string> = new Set([
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

/** Names in `Connection` belong to this hop, also where they stand on the list. */
export function headersUp(headers: Headers): Record<string, string> {
  const ofThisHop = (headers.get("connection") ?? "").toLowerCase().split(",");
  const dropped = new Set(ofThisHop.map((name) => name.trim()));
  return Object.fromEntries([...headers].filter(([name]) => UP.has(name) && !dropped.has(name)));
}

type Answered = Readonly<Record<string, string | string[] | undefined>>;

/** @param hide the token, which must not be passed on in any of them */
export function headersDown(headers: Answered, hide: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name, [value ?? []].flat().join(", ")] as const)
      .filter(([name, value]) => DOWN.has(name) && hideSecrets(value, [hide]) === value),
  );
}

const WAIT_SECONDS_MAX = 30;
const WAIT = /(?:^|[,;]\s*)wait\s*=\s*"?(\d{1,6})"?\s*(?:$|[,;])/i;

/**
 * How long the caller has time, in milliseconds; 0 when they don't say so.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7240#section-4.3
 */
export function preferredWaitMs(headers: Headers): number {
  const seconds = Number(WAIT.exec(headers.get("prefer") ?? "")?.[1] ?? 0);
  return Math.min(seconds, WAIT_SECONDS_MAX) * 1_000;
}
