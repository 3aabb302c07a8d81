import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOwnOrigin } from "./own-origin";

const OWN = "https://dingkeep.example/";
/** Returns the path as Next reads it, without dot segments. */
const pathOf = (path: string) => new URL(`https://dingkeep.example${path}`).pathname;

describe("S4 requests that could change something", () => {
  test.each([
    ["the own origin", "https://dingkeep.example", true],
    ["no origin, which Next allows", undefined, false],
    ["an empty origin", "", false],
    ["null, which a sandbox sends", "null", false],
    ["another site", "https://evil.example", false],
    ["the own domain over http", "http://dingkeep.example", false],
    ["the own domain on another port", "https://dingkeep.example:8443", false],
    ["a subdomain of the own domain", "https://x.dingkeep.example", false],
    ["a domain that ends like the own one", "https://evil-dingkeep.example", false],
    ["a domain that begins like the own one", "https://dingkeep.example.evil.example", false],
    ["the own origin as a user name", "https://dingkeep.example@evil.example", false],
    ["the own origin with a path", "https://dingkeep.example/", false],
    ["two origins", "https://dingkeep.example, https://evil.example", false],
    ["the own domain in upper case, which no browser sends", "https://DINGKEEP.example", false],
  ])("for %s, the origin %j of a request is allowed: %s", (_, origin, isAllowed) => {
    expect(isOwnOrigin("POST", "/api/auth/signout", origin, OWN)).toBe(isAllowed);
    expect(isOwnOrigin("POST", "/o/abc/settings", origin, OWN)).toBe(isAllowed);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "get", "Post"])(
    "a request with the method %s needs Dingkeep's origin",
    (method) => {
      expect(isOwnOrigin(method, "/sign-up", undefined, OWN)).toBe(false);
    },
  );

  test.each(["GET", "HEAD", "OPTIONS"])("a request with the method %s needs no origin", (method) => {
    expect(isOwnOrigin(method, "/sign-up", "https://evil.example", OWN)).toBe(true);
  });

  test("a request needs the origin of Dingkeep's address including the port", () => {
    expect(isOwnOrigin("POST", "/", "http://localhost:3000", "http://localhost:3000/x")).toBe(true);
    expect(isOwnOrigin("POST", "/", "http://localhost", "http://localhost:3000")).toBe(false);
  });

  test("a request needs Dingkeep's origin on every path that isn't for machine clients", () => {
    const segment = fc.oneof(
      fc.constantFrom("api", "v1", "v2", "auth", "dingtalk", "scim", "callbacks", ".", "..", "%2e%2e", ""),
      fc.string({ unit: fc.constantFrom(...Array.from("api1%2eF-_~")), maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 4 }), (segments) => {
        const path = `/${segments.join("/")}`;
        fc.pre(!/^\/(?:api\/v1|api\/callbacks|dingtalk|scim)(?:\/|$)/.test(pathOf(path)));
        expect(isOwnOrigin("POST", path, undefined, OWN)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe("S4 paths of machine clients", () => {
  test.each([
    "/api/v1",
    "/api/v1/tokens",
    "/api/callbacks/dingtalk/x.y",
    "/dingtalk/v1.0/x/",
    "/scim/v2/Users",
  ])("a machine client needs no origin on %s", (path) => {
    expect(isOwnOrigin("POST", path, undefined, OWN)).toBe(true);
  });

  test.each([
    "/api/v10",
    "/api/v1x/tokens",
    "/api/v1%2f..%2fauth/signout",
    "/api/callbacksx/abc",
    "/x/api/v1/tokens",
    "//api/v1/tokens",
    "/API/V1/tokens",
    "/dingtalks",
    "/scim2/x",
    "/api",
    "//x/api/v1/tokens",
  ])("%s is no path of machine clients", (path) => {
    expect(isOwnOrigin("POST", path, undefined, OWN)).toBe(false);
  });

  test.each([
    "/api/v1/../auth/signout",
    "/api/v1/%2e%2e/auth/signout",
    "/api/v1/.%2E/auth/signout",
    "/api/v1/x/../../auth/signout",
    "/scim/../o/abc/settings",
    "/dingtalk/../../sign-up",
    "/api/v1/..\\auth/signout",
  ])("%s is no path of machine clients, because Next takes it for the path that it leads to", (path) => {
    expect(isOwnOrigin("POST", path, undefined, OWN)).toBe(false);
  });
});
