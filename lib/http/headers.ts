/**
 * Headers that our own server sets before Next sees a request, after removing what came in under their
 * names and every forwarding header (S3). Nothing else may be believed about where a request came from.
 */
export const ADDRESS_HEADER = "x-dingkeep-address";
export const NONCE_HEADER = "x-dingkeep-nonce";
export const PATH_HEADER = "x-dingkeep-path";

/** What depends on a caller is kept by nobody (S19); the language decides the order of names. */
export const READ_HEADERS = { "cache-control": "no-store", vary: "cookie, accept-language" };

/** Where Next finds the gateway, whatever the address says: it would decode that, or answer `//` with another one. */
const GATEWAY = "/dingtalk/";
const GATEWAY_ROUTE = "/dingtalk/call";

/** The address that Next is given for a request; what came stands in `PATH_HEADER`. */
export const addressForNext = (raw: string): string => (raw.startsWith(GATEWAY) ? GATEWAY_ROUTE : raw);
