import type { RequestRate } from "@/lib/api-keys/admit-key";

/** Facts that every answer to a service has in its headers. */
type HeaderFacts = {
  readonly requestId: string;
  /** The key was admitted from memory because the database did not answer. */
  readonly isStale: boolean;
  /** The API key's remaining requests. */
  readonly rate: RequestRate | null;
};

/** Status for the log: the client disconnected and reads no answer. */
const CLIENT_GONE = 499;

export const clientGone = (): Response => new Response(null, { status: CLIENT_GONE });

/** Adds the headers that every answer to a service has, including failures. */
export function withHeaders(response: Response, { requestId, isStale, rate }: HeaderFacts): Response {
  const { headers } = response;
  headers.set("x-request-id", requestId);
  headers.set("vary", "authorization, accept-language");
  if (!headers.has("cache-control")) {
    headers.set("cache-control", headers.has("etag") ? "private, no-cache" : "no-store");
  }
  if (isStale) headers.set("dingkeep-stale", "1");
  if (rate) {
    const { limit, remaining, resetSeconds } = rate;
    headers.set("ratelimit-policy", `"key";q=${limit};w=60`);
    headers.set("ratelimit", `"key";r=${remaining};t=${resetSeconds}`);
  }
  return response;
}
