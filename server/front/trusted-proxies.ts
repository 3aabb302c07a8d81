import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { isLogDue } from "@/lib/log-once";
import { clientAddress, isWithin, type Network, parseNetworks } from "@/lib/request/client-address";
import { ADDRESS_HEADER, PASS_HEADER } from "@/lib/request/internal-headers";
import type { FloodClient } from "./flood-gate";

/** Marks requests that Next makes itself. It copies the headers of the request that it answers. */
const PASS = randomBytes(16).toString("base64url");
const FORWARDING_HEADER =
  /^(?:x-forwarded-.*|forwarded|x-real-ip|x-client-ip|cf-connecting-ip|true-client-ip|x-dingkeep-.*)$/;

let parsed: { readonly list: readonly string[]; readonly networks: Network[] } | null = null;

function trustedNetworks(): Network[] {
  const { TRUSTED_PROXIES: list } = env();
  if (parsed?.list !== list) parsed = { list, networks: parseNetworks(list) };
  return parsed.networks;
}

export const isProxy = (address = "unknown"): boolean => isWithin(address, trustedNetworks());

/**
 * Sets the client's address (S3).
 *
 * @returns whether Next made the request, which keeps the address of the client that it answers
 */
export function setAddress(request: IncomingMessage): boolean {
  const { headers, socket } = request;
  const isOfNext = headers[PASS_HEADER] === PASS;
  const forwardedFor = headers["x-forwarded-for"];
  const address = isOfNext
    ? headers[ADDRESS_HEADER]
    : clientAddress(
        socket.remoteAddress ?? "unknown",
        Array.isArray(forwardedFor) ? forwardedFor.join(",") : forwardedFor,
        trustedNetworks(),
      );
  if (!isOfNext && forwardedFor !== undefined && !isProxy(socket.remoteAddress) && isLogDue("unnamed proxy"))
    log.warn(
      "X-Forwarded-For comes from an address that is not in TRUSTED_PROXIES: its clients share one limit",
    );
  for (const name of Object.keys(headers)) if (FORWARDING_HEADER.test(name)) delete headers[name];
  Object.assign(headers, { [ADDRESS_HEADER]: address, [PASS_HEADER]: PASS });
  return isOfNext;
}

export const clientOf = (request: IncomingMessage): FloodClient => ({
  address: String(request.headers[ADDRESS_HEADER]),
  isProxied: isProxy(request.socket.remoteAddress),
});
