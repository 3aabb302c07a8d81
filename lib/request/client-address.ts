import ipaddr from "ipaddr.js";

export type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** @throws {Error} for text that is neither an address nor a CIDR block */
export function parseNetworks(list: readonly string[]): Network[] {
  return list.map((text) => {
    if (text.includes("/")) return ipaddr.parseCIDR(text);
    const address = ipaddr.process(text);
    return [address, address.kind() === "ipv4" ? 32 : 128] as Network;
  });
}

export function isWithin(address: string, networks: readonly Network[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return networks.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits));
}

const canonical = (address: string) =>
  ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;

/** Matches a hop with the port that some proxies add. An IPv6 address is in brackets. */
const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+):\d{1,5}|\[([\da-f.]*:[\da-f:.]*)\](?::\d{1,5})?)$/i;

/** @see https://www.rfc-editor.org/rfc/rfc7239#section-6 */
function addressOf(hop: string): string {
  const [, ipv4, ipv6] = WITH_PORT.exec(hop) ?? [];
  return ipv4 ?? ipv6 ?? hop;
}

/** Returns the client's address (S3): behind trusted proxies the rightmost other one of `X-Forwarded-For`. */
export function clientAddress(
  socketAddress: string,
  forwardedFor: string | undefined,
  trusted: readonly Network[],
): string {
  if (!isWithin(socketAddress, trusted)) return canonical(socketAddress);
  const hops = (forwardedFor ?? "").split(",").map((hop) => addressOf(hop.trim()));
  for (const hop of hops.reverse()) {
    if (!ipaddr.isValid(hop)) break;
    if (!isWithin(hop, trusted)) return canonical(hop);
  }
  return canonical(socketAddress);
}
