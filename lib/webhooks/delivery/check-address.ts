import { networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";

export type AddressRules = {
  /** Opens private networks and plain http (`WEBHOOK_ALLOW_PRIVATE`). */
  readonly allowsPrivate: boolean;
  /** Further addresses of this server, such as those behind which its calls leave. */
  readonly ownAddresses: readonly string[];
};

/** Services that give credentials to anyone on the machine. They stay closed when private networks are open. */
const METADATA = new Set([
  "169.254.169.254",
  "100.100.100.200",
  "168.63.129.16",
  "fd00:ec2::254",
  "fd20:ce::254",
]);

const PRIVATE_RANGES = new Set(["private", "loopback", "uniqueLocal", "carrierGradeNat"]);

/** The part of IPv6 that is assigned to the internet. */
const GLOBAL_IPV6 = ipaddr.parseCIDR("2000::/3");

type Address = ReturnType<typeof ipaddr.parse>;

const isInternet = (address: Address): boolean =>
  address.range() === "unicast" && (address.kind() === "ipv4" || address.match(GLOBAL_IPV6));

const isSame = (address: Address, text: string): boolean =>
  ipaddr.isValid(text) && ipaddr.process(text).toString() === address.toString();

const interfaceAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));

/**
 * Returns whether a webhook may connect to an IP address (S31). Ranges that contain an IPv4 address, such as NAT64 and
 * 6to4, are never internet addresses.
 */
export function isAllowedAddress(text: string, { allowsPrivate, ownAddresses }: AddressRules): boolean {
  if (!ipaddr.isValid(text) || text.includes("%")) return false;
  const address = ipaddr.parse(text);
  if (METADATA.has(address.toString())) return false;
  if (allowsPrivate && PRIVATE_RANGES.has(address.range())) return true;
  if (!isInternet(address)) return false;
  return allowsPrivate || ![...interfaceAddresses(), ...ownAddresses].some((own) => isSame(address, own));
}
