import { isUtf8 } from "node:buffer";
import { isPlainText } from "@/lib/plain-text";

/**
 * Headers that our own server sets before Next sees a request, after removing what came in under their
 * names and every forwarding header (S3). Nothing else may be believed about where a request came from.
 */
export const ADDRESS_HEADER = "x-dingkeep-address";
export const NONCE_HEADER = "x-dingkeep-nonce";
export const PATH_HEADER = "x-dingkeep-path";
/** Holds a secret of the process: a request with it comes from Next itself, which asks for the page an action leads to. */
export const PASS_HEADER = "x-dingkeep-pass";

/** What depends on a caller is kept by nobody (S19); the language decides the order of names. */
export const READ_HEADERS = { "cache-control": "no-store", vary: "cookie, accept-language" };

/** Where Next finds the gateway, whatever the address says: it would decode that, or answer `//` with another one. */
const GATEWAY = "/dingtalk/";
const GATEWAY_ROUTE = "/dingtalk/call";

/** Whether a raw address is the gateway's, whose answers are another's words and no page of ours. */
export const isGatewayAddress = (raw: string): boolean => raw.startsWith(GATEWAY);

/** Whether the path of a raw address can be decoded, which Next tries and fails at, to text that can be stored. */
export function isDecodable(raw: string): boolean {
  try {
    return isPlainText(decodeURIComponent(raw.split("?", 1)[0] ?? ""));
  } catch {
    return false;
  }
}

/**
 * Whether a raw address or query decodes to text that can be stored: UTF-8 without NUL. `URLSearchParams` would silently
 * replace other bytes, an encoded lone surrogate among them. A stray `%` stands for itself.
 */
export function isPlainAddress(raw: string): boolean {
  // Node gives an address's bytes as Latin 1.
  const text = raw.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const bytes = Buffer.from(text, "latin1");
  return isUtf8(bytes) && !bytes.includes(0);
}

/** Below them what is no route is answered as programs read it. */
const OF_PROGRAMS = ["/api/v1/", "/scim/v2/"];

/** The address that Next is given for a request; what came stands in `PATH_HEADER`. */
export function addressForNext(raw: string): string {
  if (isGatewayAddress(raw)) return GATEWAY_ROUTE;
  const of = OF_PROGRAMS.find((one) => raw.startsWith(one));
  return of !== undefined && !isDecodable(raw) ? `${of}-` : raw;
}

/** Next keeps these of a route's answer to itself; by another name they come through, and our own server names them again. */
const HELD_BACK = /^content-(?:encoding|length)$/;
const BODY_PREFIX = "x-dingkeep-body-";

/** The headers of an answer whose body is sent as its bytes are. */
export const headersPastNext = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      HELD_BACK.test(name) ? `${BODY_PREFIX}${name}` : name,
      value,
    ]),
  );

/** What a header of an answer is called on its way to whoever asked. */
export const nameAfterNext = (name: string): string =>
  name.startsWith(BODY_PREFIX) ? name.slice(BODY_PREFIX.length) : name;
