import { createHash } from "node:crypto";
import type { Redacted } from "@/lib/redacted";

/** DingTalk's documentation says SHA-256; older clients accept only SHA-1, which public programs use. */
export type JsapiHash = "sha256" | "sha1";

export type JsapiPage = {
  readonly nonceStr: string;
  readonly timeStamp: number;
  readonly url: string;
};

export function signJsapi(
  ticket: Redacted,
  { nonceStr, timeStamp, url }: JsapiPage,
  hash: JsapiHash,
): string {
  const plain = `jsapi_ticket=${ticket.reveal()}&noncestr=${nonceStr}&timestamp=${timeStamp}&url=${url}`;
  return createHash(hash).update(plain, "utf8").digest("hex");
}

/** Returns the address that DingTalk's client signs: without the fragment, and with the query decoded. */
export function jsapiUrlOf(page: URL): string {
  const query = decoded(page.search.slice(1));
  return `${page.origin}${page.pathname}${query === "" ? "" : `?${query}`}`;
}

function decoded(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll("+", " "));
  } catch {
    return query;
  }
}
