import ipaddr from "ipaddr.js";

/** An IPv6 customer gets at least a /64 and may send from any address in it. */
const NETWORK_BITS = 64;
/** Sizes of the networks that one customer can get: /48 and /56 of IPv6, /24 of IPv4. */
const WIDER_BITS = { ipv4: [24], ipv6: [48, 56] };

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
  return networkOf(parsed.toByteArray(), NETWORK_BITS);
}

const networkOf = (bytes: readonly number[], bits: number): string =>
  `${bytes.slice(0, bits / 8).join(":")}/${bits}`;

/**
 * Returns the networks that a client's address lies in, the widest first and `addressKey` last, for shares in shares: a
 * network of many addresses then has one share.
 */
export function networksOf(address: string): string[] {
  const key = addressKey(address);
  if (!ipaddr.isValid(address)) return [key];
  const parsed = ipaddr.process(address);
  return [...WIDER_BITS[parsed.kind()].map((bits) => networkOf(parsed.toByteArray(), bits)), key];
}
