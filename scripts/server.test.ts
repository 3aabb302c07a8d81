import { globSync } from "node:fs";
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { NodeNextRequest, NodeNextResponse } from "next/dist/server/base-http/node";
import { sendResponse } from "next/dist/server/send-response";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { env } from "@/lib/env";
import { ADDRESS_HEADER, headersPastNext, NONCE_HEADER, PATH_HEADER } from "@/lib/http/headers";
import { testEnvironment } from "@/lib/testing/environment";
import { freePort } from "./free-port";
import { type RunningServer, startServer } from "./server";

const OWN = "https://dingkeep.example";
Object.assign(process.env, testEnvironment(), {
  // Nobody listens there.
  DATABASE_URL: "postgres://127.0.0.1:1/none_test",
  NEXTAUTH_URL: OWN,
});

type Seen = {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly server: Server;
};

// Next needs a build. What stands in front of it is ours, so here it only says what reached it.
const seen = vi.hoisted((): Seen[] => []);
/** What a slow answer waits for. */
const released = vi.hoisted(() => Promise.withResolvers<void>());
/** What the gateway's route answers with next. */
const passed = vi.hoisted((): { response: Response | null } => ({ response: null }));
const asked = vi.hoisted((): { hostname?: string; port?: number }[] => []);
vi.mock("next", () => ({
  default: (options: { hostname?: string; port?: number }) => {
    asked.push(options);
    return {
      prepare: async () => {},
      getRequestHandler: () => async (message: IncomingMessage, response: ServerResponse) => {
        const { server: own } = message.socket as unknown as { server: Server };
        seen.push({ method: message.method, url: message.url, headers: { ...message.headers }, server: own });
        if (message.url === "/reads") await text(message);
        if (message.url === "/waits") await released.promise;
        const made = message.url === "/dingtalk/call" ? passed.response : null;
        passed.response = null;
        // The part of Next's that holds headers back is its own.
        if (made) await sendResponse(new NodeNextRequest(message), new NodeNextResponse(response), made);
        else response.end("from Next");
      },
    };
  },
}));

let server: RunningServer;
beforeAll(async () => {
  process.env.PORT = String(await freePort(3300));
  server = await startServer({ host: "127.0.0.1" });
});
afterAll(() => server.close());
beforeEach(() => {
  seen.length = 0;
  Object.assign(env(), { TRUSTED_PROXIES: [] });
});

type Answer = {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** Sends a request as it is: no client in between that would put an address or an origin in order. */
function send(
  method: string,
  path: string,
  headers: Record<string, string | string[]> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: server.port, host: "127.0.0.1", method, path, headers }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.on("error", reject).end();
  });
}

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
  "X-Dingkeep-Anything": "1",
  "content-security-policy": "script-src 'nonce-known'",
};

test("S27 Next reads no address of the gateway's: it gets one and the same, and what came beside it, raw", async () => {
  const raw = ["/dingtalk/..%2fx/?a=%2f", "/dingtalk//evil.example/x", "/dingtalk/user/get/"];
  for (const path of raw) await send("POST", path);
  expect(seen.map(({ url, headers }) => [url, headers[PATH_HEADER]])).toEqual(
    raw.map((path) => ["/dingtalk/call", path]),
  );
});

describe("an answer of DingTalk's that is passed on", () => {
  test("says how its bytes are coded and how many they are, which Next would hold back", async () => {
    const bytes = gzipSync("said");
    const headers = {
      "content-type": "text/plain",
      "content-encoding": "gzip",
      "content-length": `${bytes.length}`,
    };
    passed.response = new Response(bytes, { headers: headersPastNext(headers) });
    const answer = await fetch(`http://127.0.0.1:${server.port}/dingtalk/user/get`);
    expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
    expect([...answer.headers.keys()].filter((name) => name.startsWith("x-dingkeep"))).toEqual([]);
    expect(await answer.text()).toBe("said");
  });

  test("names what it varies by once, whoever names it", async () => {
    passed.response = new Response("said", { headers: { vary: "authorization, Accept-Language" } });
    const answer = await fetch(`http://127.0.0.1:${server.port}/dingtalk/user/get`);
    expect(answer.headers.get("vary")).toBe("cookie, accept-language, authorization");
  });

  test("is no page of our origin where a person opens it, whatever it says of itself", async () => {
    const headers = { "content-type": "text/html", "content-security-policy": "default-src *" };
    passed.response = new Response("<form>", { headers });
    const answer = await send("GET", "/dingtalk/media/get", {
      accept: "text/html",
      host: "dingkeep.example",
    });
    expect(answer.body).toBe("<form>");
    expect(answer.headers["content-security-policy"]).toBe(
      "default-src 'none'; frame-ancestors 'none'; sandbox",
    );
  });
});

test("what names another host in place of a path, or is TRACE, is no request of ours", async () => {
  for (const [method, target] of [
    ["GET", "http://evil.example/dingtalk/user/get"],
    ["GET", "*"],
    ["TRACE", "/dingtalk/user/get"],
    ["GET", "/o/%ff"],
    ["GET", "/api/auth/%zz"],
  ] as const) {
    const { status, headers } = await send(method, target);
    expect({ status, location: headers.location }).toEqual({ status: 400, location: undefined });
  }
  expect(seen).toEqual([]);
});

test("a path of the machine API that can't be decoded comes to where there is no route, and not to Next's own failure", async () => {
  for (const path of ["/api/v1/%ff", "/api/v1/apps/%zz/token?x=%41"]) await send("GET", path);
  await send("GET", "/api/v1/%41?x=%ff");
  expect(seen.map(({ url }) => url)).toEqual(["/api/v1/-", "/api/v1/-", "/api/v1/%41?x=%ff"]);
});

test("S29 whoever offers another protocol is answered in this one, also where Next listens for such offers", async () => {
  await send("GET", "/healthz");
  seen[0]?.server.on("upgrade", () => {});
  const offer = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABk" };
  expect(await send("GET", "/api/v1/apps", offer)).toMatchObject({ status: 200, body: "from Next" });
});

test("no proxy file of Next's stands before the machines' paths, for it would cut bodies at 10 MB", () => {
  const files = globSync("{proxy,middleware,src/proxy,src/middleware}.{ts,js,mjs,tsx}");
  expect(files).toEqual([]);
});

describe("S3 where a request came from", () => {
  test("is the socket's address: every header in which a client says another is gone", async () => {
    await send("GET", "/o/abc?x=1", FORGED);
    const headers = seen[0]?.headers ?? {};
    const left = Object.keys(headers).filter((name) => /forwarded|-ip$|^x-/.test(name));
    expect(left.sort()).toEqual([ADDRESS_HEADER, NONCE_HEADER, PATH_HEADER].sort());
    expect(headers).toMatchObject({ [ADDRESS_HEADER]: "127.0.0.1", [PATH_HEADER]: "/o/abc?x=1" });
    expect(JSON.stringify(headers)).not.toMatch(/evil|198\.51|known/);
  });

  test("is what a trusted proxy says: the right-most address that is none of ours", async () => {
    Object.assign(env(), { TRUSTED_PROXIES: ["127.0.0.0/8", "10.0.0.0/8"] });
    await send("GET", "/", { ...FORGED, "x-forwarded-for": "198.51.100.1, 203.0.113.9, 10.0.0.1" });
    await send("GET", "/", { "x-forwarded-for": ["198.51.100.1", "203.0.113.9"] });
    expect(seen.map(({ headers }) => headers[ADDRESS_HEADER])).toEqual(["203.0.113.9", "203.0.113.9"]);
    expect(seen[0]?.headers).not.toHaveProperty("x-forwarded-for");
  });
});

describe("S4 a request that could change something", () => {
  test.each([
    ["no origin", {}],
    ["another site's", { origin: "https://evil.example" }],
    ["null", { origin: "null" }],
    ["the one of the host that it names itself", { origin: "https://evil.example", host: "evil.example" }],
    [
      "the one of a forwarding header",
      { origin: "https://evil.example", "x-forwarded-host": "evil.example" },
    ],
    ["the one of our host, but not of our address", { origin: "http://127.0.0.1", host: "127.0.0.1" }],
    ["two", { origin: [OWN, "https://evil.example"] }],
  ])("doesn't reach Next with %s", async (_, headers: Record<string, string | string[]>) => {
    for (const path of ["/api/auth/callback/credentials", "/o/abc/settings", "/sign-up?x=/api/v1/"]) {
      const answer = await send("POST", path, { ...headers, "next-action": "abc" });
      expect(answer).toMatchObject({ status: 403, body: "This request didn't come from our own pages.\n" });
    }
    expect(seen).toEqual([]);
  });

  test("reaches it from our own pages, whatever the host is called on the way here", async () => {
    expect(await send("POST", "/o/abc/settings", { origin: OWN, host: "pod-7.internal" })).toMatchObject({
      status: 200,
      body: "from Next",
    });
    expect(seen).toHaveLength(1);
  });

  test("reaches it without an origin on a machine's path, and on none that only begins as one", async () => {
    await send("POST", "/api/v1/tokens");
    expect(seen).toHaveLength(1);
    for (const path of ["/api/v1/../auth/signout", "/api/v1/%2e%2e/auth/signout", "/scim/../o/abc/settings"])
      expect.soft((await send("POST", path)).status, path).toBe(403);
  });

  test("is no server action on a machine's path: Next would look for it and pass it on", async () => {
    await send("POST", "/api/v1/no-such", {
      "next-action": "7fe0cfe608a1a5ba4855db4a2953b5930eec558e9a",
      rsc: "1",
    });
    expect(seen).toHaveLength(1);
    for (const name of ["next-action", "rsc"]) expect(seen[0]?.headers).not.toHaveProperty(name);
  });
});

describe("S34 the policy of an answer", () => {
  const nonceOf = (policy: unknown) => /script-src [^;]*'nonce-([^']+)'/.exec(String(policy))?.[1];

  test("names the nonce that Next is given, another one for each answer", async () => {
    const nonces: unknown[] = [];
    for (let count = 0; count < 3; count++) {
      const { headers } = await send("GET", "/");
      const given = seen.at(-1)?.headers;
      const nonce = nonceOf(headers["content-security-policy"]);
      expect(nonce).toMatch(/^[A-Za-z0-9+/]{22}==$/);
      expect(given?.[NONCE_HEADER]).toBe(nonce);
      expect(given?.["content-security-policy"]).toBe(headers["content-security-policy"]);
      nonces.push(nonce);
    }
    expect(new Set(nonces).size).toBe(3);
  });

  test("stands on what is refused too, with the other fixed headers", async () => {
    const [refused, served] = [await send("POST", "/"), await send("GET", "/")];
    for (const { headers } of [refused, served]) {
      expect(nonceOf(headers["content-security-policy"])).toBeDefined();
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "strict-transport-security": expect.any(String),
      });
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });
});

describe("a page that is asked for under another name than that of NEXTAUTH_URL", () => {
  const page = { accept: "text/html,*/*", host: "127.0.0.1:3300" };

  test("is led to it, with its path", async () => {
    expect(await send("GET", "/o/abc?x=1", page)).toMatchObject({
      status: 307,
      headers: { location: `${OWN}/o/abc?x=1`, "cache-control": "no-store" },
    });
    expect(seen).toEqual([]);
  });

  test("is no machine's: it is answered where it asks, also by a client that takes pages by default as Java's does", async () => {
    const java = { accept: "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", host: "127.0.0.1:3300" };
    // The database is away, for which a person is shown a page.
    for (const path of ["/dingtalk/user/get?access_token=x", "/api/v1/apps"])
      expect(await send("GET", path, java), path).toMatchObject({ status: 200, body: "from Next" });
  });

  test("is the only thing that is: probes, what a page loads and what changes something are answered as ever", async () => {
    for (const path of ["/healthz", "/_next/static/x.js"])
      expect((await send("GET", path, page)).headers.location, path).toBeUndefined();
    await send("GET", "/readyz", { host: page.host });
    await send("POST", "/o/abc", { ...page, origin: OWN });
    expect(seen.map(({ method }) => method)).toEqual(["GET", "GET", "POST"]);
  });
});

test("S34 the page while the database is away has the policy and its nonce too, and nobody keeps it", async () => {
  const { status, headers, body } = await send("GET", "/o/abc", {
    accept: "text/html",
    host: "dingkeep.example",
  });
  expect(status).toBe(503);
  expect(headers).toMatchObject({ "cache-control": "no-store", "retry-after": "10" });
  const nonce = /style-src 'self' 'nonce-([^']+)'/.exec(String(headers["content-security-policy"]))?.[1];
  expect(body).toContain(`<style nonce="${nonce}">`);
  expect(body).not.toMatch(/<script|style=|127\.0\.0\.1/);
  expect(seen).toEqual([]);
});

test("S31 Next, which asks for the page that an action leads to with the person's cookies, asks this server", () => {
  // What Next makes of its options: node_modules/next/dist/server/app-render/action-handler.js
  const [{ hostname = "localhost", port = 3000 } = {}] = asked;
  const { hostname: host, port: own } = new URL(
    process.env.__NEXT_PRIVATE_ORIGIN ?? `http://${hostname}:${port}`,
  );
  expect(own).toBe(String(server.port));
  expect(["localhost", "127.0.0.1"]).toContain(host);
});

test("S30 slow headers and bodies end after 15 s, and it is looked for them often enough", async () => {
  await send("GET", "/");
  const limits = seen[0]?.server as Server & { connectionsCheckingInterval: number };
  expect(limits).toMatchObject({ headersTimeout: 15_000, requestTimeout: 15_000 });
  expect(limits.connectionsCheckingInterval).toBeLessThanOrEqual(1_000);
});

describe("S30 a client that is slow", () => {
  /** Sends the beginning of a request and then a byte at a time. @returns all that was answered, once it is cut off */
  const trickle = (beginning: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => socket.write(beginning));
      const timer = setInterval(() => socket.write("x"), 250);
      let said = "";
      socket.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        clearInterval(timer);
        resolve(said);
      });
    });

  test("with its headers or its body is cut off, however steadily something comes; one that waits for an answer isn't", async () => {
    const waiting = send("GET", "/waits");
    const cut = await Promise.all([
      trickle("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "),
      trickle(`POST /reads HTTP/1.1\r\nHost: x\r\nOrigin: ${OWN}\r\nContent-Length: 100000\r\n\r\n`),
    ]);
    released.resolve();

    for (const said of cut) expect(said).toMatch(/^HTTP\/1\.1 408 /);
    expect(await waiting).toMatchObject({ status: 200, body: "from Next" });
    expect(seen.map(({ method }) => method)).toEqual(["GET", "POST"]);
  }, 60_000);
});
