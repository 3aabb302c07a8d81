import { describe, expect, test } from "vitest";
import { env } from "@/lib/env";
import { ADDRESS_HEADER, NONCE_HEADER, PASS_HEADER, PATH_HEADER } from "@/lib/request/internal-headers";
import { OWN, seen, send } from "./test-support/in-front-of-next";

const FORGED = {
  forwarded: "for=198.51.100.1;host=evil.example;proto=http",
  "x-forwarded-for": "198.51.100.1",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "http",
  "x-forwarded-port": "1",
  "X-Forwarded-Anything": "1",
  "x-real-ip": "198.51.100.1",
  "X-Client-IP": "198.51.100.1",
  "cf-connecting-ip": "198.51.100.1",
  "true-client-ip": "198.51.100.1",
  [ADDRESS_HEADER]: "198.51.100.1",
  [NONCE_HEADER]: "known",
  [PATH_HEADER]: "/evil",
  [PASS_HEADER]: "known",
  "X-Dingkeep-Anything": "1",
  "content-security-policy": "script-src 'nonce-known'",
};

describe("S3 client address", () => {
  test("takes the socket's address as the client's, and removes every forwarding header of a client", async () => {
    await send("GET", "/o/abc?x=1", FORGED);
    const headers = seen[0]?.headers ?? {};
    const left = Object.keys(headers).filter((name) => /forwarded|-ip$|^x-/.test(name));
    expect(left.sort()).toEqual([ADDRESS_HEADER, NONCE_HEADER, PASS_HEADER, PATH_HEADER].sort());
    expect(headers).toMatchObject({ [ADDRESS_HEADER]: "127.0.0.1", [PATH_HEADER]: "/o/abc?x=1" });
    expect(JSON.stringify(headers)).not.toMatch(/evil|198\.51|known/);
  });

  test("takes the right-most address in a trusted proxy's header that is not itself trusted", async () => {
    Object.assign(env(), { TRUSTED_PROXIES: ["127.0.0.0/8", "10.0.0.0/8"] });
    await send("GET", "/", { ...FORGED, "x-forwarded-for": "198.51.100.1, 203.0.113.9, 10.0.0.1" });
    await send("GET", "/", { "x-forwarded-for": ["198.51.100.1", "203.0.113.9"] });
    expect(seen.map(({ headers }) => headers[ADDRESS_HEADER])).toEqual(["203.0.113.9", "203.0.113.9"]);
    expect(seen[0]?.headers).not.toHaveProperty("x-forwarded-for");
  });
});

describe("S4 requests that could change something", () => {
  test("a change reaches Next with Dingkeep's own host, whatever host the client or a proxy sent", async () => {
    for (const host of ["127.0.0.1:3300", "proxy.internal", "evil.example"])
      await send("POST", "/o/abc/settings", { origin: OWN, host });
    expect(seen.map(({ headers }) => headers.host)).toEqual(Array(3).fill("dingkeep.example"));
  });

  test.each([
    ["no origin", {}],
    ["another site's", { origin: "https://evil.example" }],
    ["null", { origin: "null" }],
    ["the origin of the host that it names itself", { origin: "https://evil.example", host: "evil.example" }],
    [
      "the origin of a forwarding header",
      { origin: "https://evil.example", "x-forwarded-host": "evil.example" },
    ],
    [
      "the origin of our host under another scheme or port",
      { origin: "http://127.0.0.1", host: "127.0.0.1" },
    ],
    ["two origins", { origin: [OWN, "https://evil.example"] }],
  ])("a change does not reach Next with %s", async (_, headers: Record<string, string | string[]>) => {
    for (const path of ["/api/auth/callback/credentials", "/o/abc/settings", "/sign-up?x=/api/v1/"]) {
      const answer = await send("POST", path, { ...headers, "next-action": "abc" });
      expect(answer).toMatchObject({
        status: 403,
        body: "This request did not come from Dingkeep's own pages.\n",
      });
    }
    expect(seen).toEqual([]);
  });

  test("a change reaches Next from Dingkeep's own pages, whatever host name is used on the way", async () => {
    expect(await send("POST", "/o/abc/settings", { origin: OWN, host: "pod-7.internal" })).toMatchObject({
      status: 200,
      body: "from Next",
    });
    expect(seen).toHaveLength(1);
  });

  test("a change reaches Next without an origin on machine paths, but not on paths that only begin like one", async () => {
    await send("POST", "/api/v1/tokens");
    expect(seen).toHaveLength(1);
    for (const path of ["/api/v1/../auth/signout", "/api/v1/%2e%2e/auth/signout", "/scim/../o/abc/settings"])
      expect.soft((await send("POST", path)).status, path).toBe(403);
  });

  test("removes headers of a server action on machine paths, because Next would forward the request", async () => {
    await send("POST", "/api/v1/no-such", {
      "next-action": "7fe0cfe608a1a5ba4855db4a2953b5930eec558e9a",
      rsc: "1",
    });
    expect(seen).toHaveLength(1);
    for (const name of ["next-action", "rsc"]) expect(seen[0]?.headers).not.toHaveProperty(name);
  });
});
