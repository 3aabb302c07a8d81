import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientAddress, parseNetworks } from "./client-address";

const PROXIES = parseNetworks(["10.0.0.0/8", "192.0.2.7", "2001:db8:f::/48"]);
const PROXY = "10.0.0.1";

/** Addresses that are no trusted proxy. */
const stranger = fc.oneof(
  fc.ipV4().filter((address) => !/^(?:10\.|192\.0\.2\.7$)/.test(address)),
  fc
    .array(fc.nat(0xffff), { minLength: 6, maxLength: 6 })
    .map((parts) => ["2001", "db9", ...parts.map((part) => part.toString(16))].join(":")),
);
const proxy = fc.oneof(
  fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => `10.${parts.join(".")}`),
  fc.constantFrom("192.0.2.7", "::ffff:10.1.2.3", "2001:db8:f:1::5"),
);
/** Values that a client may send in the header. */
const anything = fc.oneof(
  fc.string(),
  fc
    .array(fc.oneof(stranger, proxy, fc.constantFrom("", "unknown", "127.0.0.1", "_hidden")))
    .map((hops) => hops.join(",")),
);
const canonical = (address: string) => clientAddress(address, undefined, []);

describe("S3 clientAddress", () => {
  test("returns the socket's address for every header when the socket is no trusted proxy", () => {
    fc.assert(
      fc.property(stranger, anything, (socket, header) => {
        expect(clientAddress(socket, header, PROXIES)).toBe(canonical(socket));
      }),
    );
  });

  test("returns the socket's address when no proxy is trusted, which is the default", () => {
    fc.assert(
      fc.property(fc.oneof(stranger, proxy), anything, (socket, header) => {
        expect(clientAddress(socket, header, parseNetworks([]))).toBe(canonical(socket));
      }),
    );
  });

  test("returns the rightmost address that is no trusted proxy, because a client can forge the others", () => {
    fc.assert(
      fc.property(
        proxy,
        anything,
        stranger,
        fc.array(proxy, { maxLength: 3 }),
        (socket, written, client, hops) => {
          const header = [written, client, ...hops].join(", ");
          expect(clientAddress(socket, header, PROXIES)).toBe(canonical(client));
        },
      ),
    );
  });

  test("always returns an address, and none to the left of an invalid one", () => {
    fc.assert(
      fc.property(proxy, anything, (socket, written) => {
        expect(clientAddress(socket, `203.0.113.9, ${written}, unknown`, PROXIES)).toBe(canonical(socket));
      }),
    );
  });

  test.each([
    ["a forged address before the client's", "127.0.0.1, 203.0.113.9", "203.0.113.9"],
    ["a forged proxy before the client's", "10.0.0.5, 203.0.113.9", "203.0.113.9"],
    ["several proxies behind the client's", "203.0.113.9, 10.0.0.5, 192.0.2.7", "203.0.113.9"],
    ["no header", undefined, PROXY],
    ["an empty one", "", PROXY],
    ["proxies only", "10.0.0.5, 10.0.0.6", PROXY],
    ["a name for an address", "203.0.113.9, evil.example", PROXY],
    ["an address with a port", "203.0.113.9:4711", "203.0.113.9"],
    ["an address in brackets", "[2001:db8::1]", "2001:db8::1"],
    ["an address in brackets with a port", "[2001:DB8::1]:443", "2001:db8::1"],
    ["an IPv4 address in IPv6 brackets", "[::ffff:203.0.113.9]:443", "203.0.113.9"],
    ["a forged address before the client's with a port", "127.0.0.1, 203.0.113.9:4711", "203.0.113.9"],
    [
      "proxies with ports behind the client's",
      "203.0.113.9:4711, 10.0.0.5:80, [2001:db8:f::1]:80",
      "203.0.113.9",
    ],
    ["a port that is none", "203.0.113.9:port", PROXY],
    ["a port of six digits", "203.0.113.9:123456", PROXY],
    ["an IPv4 address in brackets", "[203.0.113.9]:80", PROXY],
    ["a bracket that isn't closed", "[2001:db8::1", PROXY],
    ["a number with a port", "1:80", PROXY],
    ["a hidden one", "203.0.113.9, _hidden", PROXY],
    ["an empty hop", "203.0.113.9,", PROXY],
    ["an address of six bytes", "203.0.113.9.1.1", PROXY],
    ["an IPv4 address written as IPv6", "::ffff:203.0.113.9", "203.0.113.9"],
    ["an IPv6 address in its long form", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
  ])("returns the client's address behind a trusted proxy for %s", (_, header, address) => {
    expect(clientAddress(PROXY, header, PROXIES)).toBe(address);
  });

  test("does not trust a NAT64 address that embeds a proxy's IPv4 address", () => {
    expect(clientAddress("64:ff9b::10.0.0.1", "203.0.113.9", PROXIES)).toBe("64:ff9b::a00:1");
    expect(clientAddress(PROXY, "203.0.113.9, 64:ff9b::10.0.0.1", PROXIES)).toBe("64:ff9b::a00:1");
  });

  test.each([
    ["its network", "10.200.0.1"],
    ["its address", "192.0.2.7"],
    ["its network, written as IPv6, as Node gives it on a socket for both", "::ffff:10.0.0.1"],
    ["its IPv6 network", "2001:db8:f:ffff::1"],
  ])("recognizes a proxy by %s", (_, socket) => {
    expect(clientAddress(socket, "203.0.113.9", PROXIES)).toBe("203.0.113.9");
  });

  test.each(["11.0.0.1", "192.0.2.8", "2001:db8:e::1", "::a00:1", "unknown", ""])(
    "does not recognize %j as a proxy",
    (socket) => {
      expect(clientAddress(socket, "203.0.113.9", PROXIES)).toBe(canonical(socket));
    },
  );
});

describe("S3 parseNetworks", () => {
  test.each(["proxy.example", "10.0.0.0/33", "10.0.0/", "10.0.0.0/8 10.0.0.1", "::/129"])(
    "rejects the network %j",
    (text) => {
      expect(() => parseNetworks([text])).toThrow();
    },
  );
});
