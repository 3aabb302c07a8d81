import ipaddr from "ipaddr.js";

/** An IPv6 customer gets at least a /64 and may send from any address in it. */
const NETWORK_BYTES = 8;

/**
 * Returns the key under which limits count a client's address: an IPv4 address itself, an IPv6 address's /64 network.
 * Every limit "per address" uses this key, because counting whole IPv6 addresses limits nobody.
 *
 * @param address as `clientAddress` returns it; text that is no address is its own key
 */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${parsed.toByteArray().slice(0, NETWORK_BYTES).join(":")}/64`;
}
