import { describe, expect, test } from "vitest";
import { addressKey, networksOf } from "./address-key";

describe("addressKey", () => {
  test("returns one key for all addresses of an IPv6 /64, however they are written", () => {
    const written = [
      "2001:db8:1:2::",
      "2001:db8:1:2::1",
      "2001:DB8:1:2:ffff:ffff:ffff:ffff",
      "2001:db8:1:2::192.0.2.7",
    ];
    expect(new Set(written.map(addressKey)).size).toBe(1);
    expect(addressKey("2001:db8:1:3::1"), "the next network").not.toBe(addressKey("2001:db8:1:2::1"));
  });

  test("returns an IPv4 address itself, also when it is mapped into IPv6", () => {
    expect([addressKey("192.0.2.7"), addressKey("::ffff:192.0.2.7"), addressKey("::ffff:c000:207")]).toEqual([
      "192.0.2.7",
      "192.0.2.7",
      "192.0.2.7",
    ]);
    expect(addressKey("192.0.2.8")).not.toBe(addressKey("192.0.2.7"));
  });

  test("returns the IPv4 address that NAT64 embeds in the prefix 64:ff9b::/96", () => {
    expect(
      ["64:ff9b::192.0.2.7", "64:ff9b::c000:207", "0064:FF9B:0:0:0:0:C000:0207"].map(addressKey),
    ).toEqual(["192.0.2.7", "192.0.2.7", "192.0.2.7"]);
    const others = ["64:ff9b:1::c000:207", "64:ff9b:0:0:0:1:c000:207", "64:ff9c::c000:207"];
    for (const other of others) expect(addressKey(other), other).toMatch(/\/64$/);
  });

  test("returns text that is no address unchanged", () => {
    expect(addressKey("unknown")).toBe("unknown");
  });
});

describe("networksOf", () => {
  test("returns an IPv6 address's /48, /56 and /64", () => {
    const [wide, middle, own] = networksOf("2001:db8:aa:1234::1");
    expect(networksOf("2001:db8:aa:12ff::9")).toEqual([wide, middle, addressKey("2001:db8:aa:12ff::9")]);
    expect(networksOf("2001:db8:aa:ff34::9")[0]).toBe(wide);
    expect(networksOf("2001:db8:aa:ff34::9")[1]).not.toBe(middle);
    expect(networksOf("2001:db8:ab:1234::1")[0]).not.toBe(wide);
    expect(own).toBe(addressKey("2001:db8:aa:1234::1"));
  });

  test("returns an IPv4 address's /24 and itself, and text that is no address alone", () => {
    expect(networksOf("::ffff:192.0.2.7")).toEqual(["192:0:2/24", "192.0.2.7"]);
    expect(networksOf("64:ff9b::192.0.2.7")).toEqual(["192:0:2/24", "192.0.2.7"]);
    expect(networksOf("unknown")).toEqual(["unknown"]);
  });
});
