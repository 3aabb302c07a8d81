import type { RequestRate } from "@/lib/api-keys/admit-key";

type HeaderFacts = {
  readonly requestId: string;
  readonly isStale: boolean;
  readonly rate: RequestRate | null;
};

/** nginx's status for a client that disconnected. */
const CLIENT_GONE = 499;

export const clientGone = (): Response => new Response(null, { status: CLIENT_GONE });

/** Adds the headers of every answer to a machine client, including failures. */
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
