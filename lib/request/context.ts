import { randomUUID } from "node:crypto";
import { ADDRESS_HEADER } from "./headers";

/** The facts about a request that its answer, its log lines and its limits need. */
export type RequestContext = {
  /** A new UUID, returned to the caller in `x-request-id`. */
  readonly requestId: string;
  /** Client address, set by the front server (S3). */
  readonly address: string;
  readonly acceptLanguage: string | null;
};

/** Returns the client's address as the front server found it, or `unknown` when the request did not pass through it. */
export const addressIn = (headers: Pick<Headers, "get">): string => headers.get(ADDRESS_HEADER) ?? "unknown";

/** Returns the context of a request, with a new request id. */
export const requestContext = (headers: Pick<Headers, "get">): RequestContext => ({
  requestId: randomUUID(),
  address: addressIn(headers),
  acceptLanguage: headers.get("accept-language"),
});
