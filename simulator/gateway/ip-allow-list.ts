import { BlockList, isIP } from "node:net";

/**
 * Whether an address is in an app's list of egress addresses: single ones, `1.2.3.*`, and CIDR blocks.
 * An entry that is none of these lets nobody in.
 */
export function isIpAllowed(ip: string, allowList: readonly string[] | null): boolean {
  return allowList === null || allowList.some((entry) => isCovered(ip, entry));
}

function isCovered(ip: string, entry: string): boolean {
  if (entry === ip) return true;
  if (entry.endsWith(".*")) return ip.startsWith(entry.slice(0, -1));
  const [network = "", prefix = ""] = entry.split("/");
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  if (isIP(network) === 0 || !/^\d{1,3}$/.test(prefix) || isIP(ip) !== isIP(network)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), family);
  return block.check(ip, family);
}
