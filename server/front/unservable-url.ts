import type { IncomingMessage } from "node:http";
import { addressForNext, isDecodable, isPlainAddress } from "@/lib/request/raw-address";
import { isMachine } from "./request-kind";

/**
 * Returns whether Dingkeep cannot serve the URL: one without a path, for which Next would follow any host or fail; text
 * that the database cannot store, except on machine routes, which refuse it in their own format; and TRACE, which
 * `Request` does not support.
 */
export function isUnservable(request: IncomingMessage): boolean {
  const { url = "", method } = request;
  if (!url.startsWith("/") || method === "TRACE") return true;
  return !isDecodable(addressForNext(url)) || !(isMachine(request) || isPlainAddress(url));
}
