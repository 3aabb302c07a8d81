import { isUtf8 } from "node:buffer";
import { isPlainText } from "@/lib/plain-text";

/** Headers that the front server sets after it removed incoming ones of these names (S3). No others are trusted. */
export const ADDRESS_HEADER = "x-dingkeep-address";
export const NONCE_HEADER = "x-dingkeep-nonce";
export const PATH_HEADER = "x-dingkeep-path";
/** Carries a secret of the process, which marks Next's own requests for the page after an action's redirect. */
export const PASS_HEADER = "x-dingkeep-pass";

/** Prevents caching of answers that depend on the caller (S19). The language changes the order of names. */
export const READ_HEADERS = { "cache-control": "no-store", vary: "cookie, accept-language" };

const GATEWAY = "/dingtalk/";
/** Next gets this path for every gateway request, because it would decode the original or redirect a `//`. */
const GATEWAY_ROUTE = "/dingtalk/call";

export const isGatewayAddress = (raw: string): boolean => raw.startsWith(GATEWAY);

export function isDecodable(raw: string): boolean {
  try {
    return isPlainText(decodeURIComponent(raw.split("?", 1)[0] ?? ""));
  } catch {
    return false;
  }
}

/** Requires UTF-8 without NUL, because `URLSearchParams` silently replaces other bytes. A stray `%` is allowed. */
export function isPlainAddress(raw: string): boolean {
  // Node decodes a path's bytes as Latin-1.
  const text = raw.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const bytes = Buffer.from(text, "latin1");
  return isUtf8(bytes) && !bytes.includes(0);
}

const MACHINE_PREFIXES = ["/api/v1/", "/scim/v2/"];

export function addressForNext(raw: string): string {
  if (isGatewayAddress(raw)) return GATEWAY_ROUTE;
  const prefix = MACHINE_PREFIXES.find((one) => raw.startsWith(one));
  return prefix !== undefined && !isDecodable(raw) ? `${prefix}-` : raw;
}

/** Next drops these headers of a route's answer, so they pass Next under a prefixed name. */
const DROPPED_BY_NEXT = /^content-(?:encoding|length)$/;
const BODY_PREFIX = "x-dingkeep-body-";

export const headersPastNext = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      DROPPED_BY_NEXT.test(name) ? `${BODY_PREFIX}${name}` : name,
      value,
    ]),
  );

export const nameAfterNext = (name: string): string =>
  name.startsWith(BODY_PREFIX) ? name.slice(BODY_PREFIX.length) : name;
