import { randomUUID } from "node:crypto";
import { ADDRESS_HEADER } from "./internal-headers";

export type RequestContext = {
  /** Returned to the caller in `x-request-id`. */
  readonly requestId: string;
  readonly address: string;
  readonly acceptLanguage: string | null;
};

/** Returns the client's address from the front server (S3), or `unknown`. */
export const addressIn = (headers: Pick<Headers, "get">): string => headers.get(ADDRESS_HEADER) ?? "unknown";

export const requestContext = (headers: Pick<Headers, "get">): RequestContext => ({
  requestId: randomUUID(),
  address: addressIn(headers),
  acceptLanguage: headers.get("accept-language"),
});
