import ipaddr from "ipaddr.js";

/** An IPv6 customer gets at least a /64 and may send from any address in it. */
const NETWORK_BITS = 64;
/** Sizes of the networks that one customer can get: /48 and /56 of IPv6, /24 of IPv4. */
const WIDER_BITS = { ipv4: [24], ipv6: [48, 56] };

/** Well-known prefix of NAT64. A translator puts all its IPv4 clients into this one network. */
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/** Parses an address, or the IPv4 address embedded in NAT64. @see https://www.rfc-editor.org/rfc/rfc6052#section-2.1 */
function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4" || !parsed.match(NAT64)) return parsed;
  return new ipaddr.IPv4(parsed.toByteArray().slice(-4));
}

/**
 * Returns the key under which limits count a client: an IPv4 address, or an IPv6 address's /64 network.
 * @param address as `clientAddress` returns it; text that is no address is its own key
 */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = parse(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return networkOf(parsed.toByteArray(), NETWORK_BITS);
}

const networkOf = (bytes: readonly number[], bits: number): string =>
  `${bytes.slice(0, bits / 8).join(":")}/${bits}`;

/** Returns the networks of an address, widest first, so that a network of many addresses has one share. */
export function networksOf(address: string): string[] {
  const key = addressKey(address);
  if (!ipaddr.isValid(address)) return [key];
  const parsed = parse(address);
  return [...WIDER_BITS[parsed.kind()].map((bits) => networkOf(parsed.toByteArray(), bits)), key];
}
