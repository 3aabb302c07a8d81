import type { IncomingMessage } from "node:http";
import { bearerOf } from "@/lib/api-keys/api-key";
import { recentKey } from "@/lib/api-keys/authenticate-key";
import type { KeyRef } from "@/lib/api-keys/load-key";
import { sessionCookie } from "@/lib/auth/cookies";
import { sessionHashOf } from "@/lib/auth/known-sessions";
import { TOKEN_HEADER } from "@/lib/gateway/headers";
import { readLeaseToken } from "@/lib/gateway/lease-token";
import { tokenIn } from "@/lib/gateway/query-token";
import { isGatewayAddress } from "@/lib/request/machine-paths";
import { pathOf } from "./request-kind";

/** Returns the name of the session in a request, valid or not, or `null` if there is none. */
export function personIn({ headers: { cookie = "" } }: IncomingMessage): string | null {
  const { name } = sessionCookie();
  const pair = cookie.split(/;\s*/).find((one) => one.startsWith(`${name}=`));
  return pair === undefined ? null : sessionHashOf(pair.slice(name.length + 1));
}

/**
 * Returns the API key in a machine request, or the key that its lease token was issued to. Returns `null` if the key is
 * not known.
 */
export function keyIn(request: IncomingMessage): KeyRef | null {
  const { authorization = null, [TOKEN_HEADER]: token } = request.headers;
  const key = recentKey(bearerOf(authorization));
  if (key !== null || !isGatewayAddress(pathOf(request))) return key;
  const lease = tokenIn((request.url ?? "").split("?", 2)[1] ?? "") ?? String(token ?? "");
  return readLeaseToken(lease, Date.now());
}
