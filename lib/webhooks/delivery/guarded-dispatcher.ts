import "server-only";
import { isIP, type LookupFunction } from "node:net";
import { callbackify } from "node:util";
import { Agent, buildConnector } from "undici";
import { type AddressRules, isAllowedAddress } from "./check-address";
import type { ResolveHost } from "./resolve-host";

const CONNECT_MS = 10_000;

/** A connection that was not made, because its address is not allowed or does not exist. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
  readonly reason: "private" | "unresolvable";

  constructor(reason: "private" | "unresolvable") {
    super(`the webhook's address is ${reason}`);
    this.reason = reason;
  }
}

/** Resolves a name and fails if one of its addresses is not allowed. The socket connects to exactly these. */
function guardedLookup(rules: AddressRules, resolve: ResolveHost): LookupFunction {
  const find = async (host: string) => {
    const addresses = await resolve(host).catch(() => []);
    if (addresses.length === 0) throw new AddressRefused("unresolvable");
    if (!addresses.every((address) => isAllowedAddress(address, rules))) throw new AddressRefused("private");
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  const lookup = callbackify(find);
  return (host, { all }, done) =>
    lookup(host, (error, found) => {
      const [first] = found ?? [];
      if (error || !first) done(error, "", 4);
      else if (all) done(null, found);
      else done(null, first.address, first.family);
    });
}

/**
 * Creates the connections of one endpoint's deliveries (S31). Each new connection resolves the name itself and connects
 * to the address that was checked, so a name whose address changes in between reaches nothing.
 */
export function guardedDispatcher(rules: AddressRules, resolve: ResolveHost, connections: number): Agent {
  const connect = buildConnector({
    lookup: guardedLookup(rules, resolve),
    timeout: CONNECT_MS,
    allowH2: false,
  });
  return new Agent({
    allowH2: false,
    connections,
    connect: (options, done) => {
      const { hostname } = options;
      // The URL of an IP address needs no lookup.
      const isRefused = isIP(hostname) !== 0 && !isAllowedAddress(hostname, rules);
      if (isRefused) done(new AddressRefused("private"), null);
      else connect(options, done);
    },
  });
}
