import type { RequestRate } from "@/lib/api-keys/admit-key";

/** What every answer to a service says beside its body. */
type Said = {
  readonly requestId: string;
  /** The database could not be asked. */
  readonly isStale: boolean;
  /** What is left of the key's requests. */
  readonly rate: RequestRate | null;
};

/** Nobody reads it: whoever asked is gone. */
const CLIENT_GONE = 499;

export const clientGone = (): Response => new Response(null, { status: CLIENT_GONE });

/** What every answer to a service says, a failure too. */
export function withHeaders(response: Response, { requestId, isStale, rate }: Said): Response {
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
