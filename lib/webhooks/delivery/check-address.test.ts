import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { isAllowedAddress } from "./check-address";

const RULES = { allowsPrivate: false, ownAddresses: ["8.8.4.4"] };
const PRIVATE_TOO = { ...RULES, allowsPrivate: true };

describe("S31 addresses of webhooks", () => {
  test.each(["1.1.1.1", "223.5.5.5", "172.15.0.1", "172.32.0.1", "2606:4700:4700::1111", "2400:3200::1"])(
    "allows the internet address %s",
    (address) => expect(isAllowedAddress(address, RULES)).toBe(true),
  );

  test.each([
    ["0.0.0.0", "unspecified"],
    ["0.1.2.3", "this network"],
    ["10.0.0.1", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["169.254.1.1", "link-local"],
    ["169.254.169.254", "metadata"],
    ["100.64.0.1", "carrier-grade NAT"],
    ["100.100.100.200", "metadata of Alibaba Cloud"],
    ["168.63.129.16", "metadata of Azure"],
    ["192.0.0.192", "metadata of Oracle"],
    ["192.0.2.1", "documentation"],
    ["198.18.0.1", "benchmarks"],
    ["192.88.99.1", "6to4 relay"],
    ["224.0.0.1", "multicast"],
    ["240.0.0.1", "reserved"],
    ["255.255.255.255", "broadcast"],
    ["8.8.4.4", "this server"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["::127.0.0.1", "IPv4-compatible"],
    ["::ffff:127.0.0.1", "IPv4-mapped loopback"],
    ["::ffff:8.8.8.8", "IPv4-mapped internet address"],
    ["::ffff:0:10.0.0.1", "IPv4-translated"],
    ["64:ff9b::10.0.0.1", "NAT64"],
    ["64:ff9b::8.8.8.8", "NAT64 of an internet address"],
    ["64:ff9b:1::10.0.0.1", "local NAT64"],
    ["2002:7f00:1::1", "6to4 of loopback"],
    ["2001::1", "Teredo"],
    ["2001:db8::1", "documentation"],
    ["fd00::1", "unique local"],
    ["fd00:ec2::254", "metadata of AWS"],
    ["fec0::1", "site-local"],
    ["fe80::1", "link-local"],
    ["fe80::1%eth0", "link-local with a zone"],
    ["ff02::1", "multicast"],
    ["100::1", "discarded"],
    ["4000::1", "not assigned"],
    ["localhost", "no address"],
    ["", "no address"],
  ])("refuses %s (%s)", (address) => expect(isAllowedAddress(address, RULES)).toBe(false));

  test("refuses every address of this machine's interfaces", () => {
    const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address));
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((address) => isAllowedAddress(address, RULES))).toEqual([]);
  });

  test.each(["10.0.0.1", "127.0.0.1", "::1", "fd00::1", "100.64.0.1", "8.8.4.4", "1.1.1.1"])(
    "allows %s when private networks are open",
    (address) => expect(isAllowedAddress(address, PRIVATE_TOO)).toBe(true),
  );

  test.each(["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "0.0.0.0", "fe80::1", "::ffff:10.0.0.1"])(
    "refuses %s even when private networks are open",
    (address) => expect(isAllowedAddress(address, PRIVATE_TOO)).toBe(false),
  );
});
