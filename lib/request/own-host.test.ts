import { describe, expect, test } from "vitest";
import { toOwnAddress } from "./own-host";

const OWN = "https://dingkeep.example";
const led = (host: string | undefined, url = "/o/abc?x=1", { own = OWN, cookie = "" } = {}) =>
  toOwnAddress({ host, url, cookie }, own)?.location ?? null;

describe("requests under another host name", () => {
  test.each(["localhost", "127.0.0.1:3000", "www.dingkeep.example", "dingkeep.example:8443", "[::1]:3000"])(
    "redirects from the host %s to Dingkeep's own address",
    (host) => {
      expect(led(host)).toBe(`${OWN}/o/abc?x=1`);
    },
  );

  test.each(["dingkeep.example", "DINGKEEP.example", "dingkeep.example:443", undefined])(
    "does not redirect from Dingkeep's own host: %s",
    (host) => {
      expect(led(host)).toBeNull();
    },
  );

  test("the redirect keeps the port of Dingkeep's address", () => {
    expect(led("localhost:3000", "/", { own: "http://127.0.0.1:3000" })).toBe("http://127.0.0.1:3000/");
    expect(led("127.0.0.1:3000", "/", { own: "http://127.0.0.1:3000" })).toBeNull();
  });

  test("does not redirect the paths of probes and the machine API", () => {
    for (const url of ["/healthz", "/readyz", "/readyz?x", "/metrics", "/api/auth/session"])
      expect(led("10.0.0.7:3000", url), url).toBeNull();
    expect(led("10.0.0.7:3000", "/healthz-of-another")).not.toBeNull();
  });

  test("S5 redirects to Dingkeep's origin for every path", () => {
    for (const url of [
      "//evil.example/x",
      "/\\evil.example",
      "http://evil.example/x",
      "@evil.example",
      "/%2f%2fevil.example",
      "*",
      "",
    ])
      expect(new URL(led("localhost", url) ?? "").origin, url).toBe(OWN);
  });

  test("a proxy that rewrites the host causes no redirect loop", () => {
    const answer = toOwnAddress({ host: "upstream:3000", url: "/", cookie: "a=1" }, OWN);
    const cookie = answer?.["set-cookie"].split(";", 1)[0] ?? "";
    expect(led("upstream:3000", "/", { cookie: `a=1; ${cookie}` })).toBeNull();
    expect(led("upstream:3000", "/", { cookie: `x${cookie}` })).not.toBeNull();
  });
});
