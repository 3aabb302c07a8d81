import { isUtf8 } from "node:buffer";
import { isPlainText } from "@/lib/plain-text";

/**
 * Headers that the front server sets before Next sees a request, after removing incoming headers of these names and every
 * forwarding header (S3). No other header is trusted for the origin of a request.
 */
export const ADDRESS_HEADER = "x-dingkeep-address";
export const NONCE_HEADER = "x-dingkeep-nonce";
export const PATH_HEADER = "x-dingkeep-path";
/** Carries a secret of the process. It marks Next's own requests for the page to which an action redirects. */
export const PASS_HEADER = "x-dingkeep-pass";

/** Headers of answers that depend on the caller: no cache stores them (S19). The language changes the order of names. */
export const READ_HEADERS = { "cache-control": "no-store", vary: "cookie, accept-language" };

const GATEWAY = "/dingtalk/";
/** Path that Next gets for every gateway request: Next would decode the real one, or redirect one with `//`. */
const GATEWAY_ROUTE = "/dingtalk/call";

/** Returns whether a raw path belongs to the gateway, whose answers are DingTalk's. */
export const isGatewayAddress = (raw: string): boolean => raw.startsWith(GATEWAY);

/** Returns whether the path decodes to text that can be stored. Next fails on a path that can't be decoded. */
export function isDecodable(raw: string): boolean {
  try {
    return isPlainText(decodeURIComponent(raw.split("?", 1)[0] ?? ""));
  } catch {
    return false;
  }
}

/**
 * Returns whether a raw path or query decodes to text that can be stored: UTF-8 without NUL. `URLSearchParams` would
 * silently replace other bytes, such as an encoded lone surrogate. A stray `%` is allowed.
 */
export function isPlainAddress(raw: string): boolean {
  // Node decodes a path's bytes as Latin-1.
  const text = raw.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const bytes = Buffer.from(text, "latin1");
  return isUtf8(bytes) && !bytes.includes(0);
}

/** Unknown routes below these paths are answered in the form that programs parse. */
const MACHINE_PREFIXES = ["/api/v1/", "/scim/v2/"];

/** Returns the path that Next gets for a request. The received path is in `PATH_HEADER`. */
export function addressForNext(raw: string): string {
  if (isGatewayAddress(raw)) return GATEWAY_ROUTE;
  const prefix = MACHINE_PREFIXES.find((one) => raw.startsWith(one));
  return prefix !== undefined && !isDecodable(raw) ? `${prefix}-` : raw;
}

/** Next drops these headers of a route's answer. They pass under a prefixed name, which the front server removes. */
const DROPPED_BY_NEXT = /^content-(?:encoding|length)$/;
const BODY_PREFIX = "x-dingkeep-body-";

/** Renames the headers that Next would drop, for an answer whose body is sent unchanged. */
export const headersPastNext = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      DROPPED_BY_NEXT.test(name) ? `${BODY_PREFIX}${name}` : name,
      value,
    ]),
  );

/** Returns the original name of a header that `headersPastNext` renamed. */
export const nameAfterNext = (name: string): string =>
  name.startsWith(BODY_PREFIX) ? name.slice(BODY_PREFIX.length) : name;
