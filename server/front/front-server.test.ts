import { globSync } from "node:fs";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { headersPastNext } from "@/lib/request/headers-past-next";
import { NONCE_HEADER, PATH_HEADER } from "@/lib/request/internal-headers";
import { asked, database, OWN, passed, seen, send, serverPort } from "./test-support/in-front-of-next";

test("S27 Next sees one fixed URL for all gateway paths, and the raw URL in a header", async () => {
  const raw = ["/dingtalk/..%2fx/?a=%2f", "/dingtalk//evil.example/x", "/dingtalk/user/get/"];
  for (const path of raw) await send("POST", path);
  expect(seen.map(({ url, headers }) => [url, headers[PATH_HEADER]])).toEqual(
    raw.map((path) => ["/dingtalk/call", path]),
  );
});

describe("answers of DingTalk on gateway paths", () => {
  test("keeps content-encoding and content-length of an answer, which Next would drop", async () => {
    const bytes = gzipSync("said");
    const headers = {
      "content-type": "text/plain",
      "content-encoding": "gzip",
      "content-length": `${bytes.length}`,
    };
    passed.response = new Response(bytes, { headers: headersPastNext(headers) });
    const answer = await fetch(`http://127.0.0.1:${serverPort()}/dingtalk/user/get`);
    expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
    expect([...answer.headers.keys()].filter((name) => name.startsWith("x-dingkeep"))).toEqual([]);
    expect(await answer.text()).toBe("said");
  });

  test("names each header in Vary once in an answer", async () => {
    passed.response = new Response("said", { headers: { vary: "authorization, Accept-Language" } });
    const answer = await fetch(`http://127.0.0.1:${serverPort()}/dingtalk/user/get`);
    expect(answer.headers.get("vary")).toBe("cookie, accept-language, authorization");
  });

  test("sandboxes an answer that a browser opens, whatever type it claims", async () => {
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

test.each([700, 5_000_000])(
  "an answer sent before a body of %i bytes was read arrives, and then the connection closes as requested",
  async (length) => {
    const head = `POST /api/v1/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n`;
    const socket = connect(serverPort(), "127.0.0.1");
    // Simple clients read the answer only after they have sent everything.
    socket.pause().write(head);
    await new Promise<void>((sent, failed) => {
      socket.once("error", failed);
      socket.write(Buffer.alloc(length), () => sent());
    });
    let received = "";
    for await (const chunk of socket as AsyncIterable<Buffer>) received += chunk.toString();
    expect(received).toMatch(/^HTTP\/1\.1 200 [^]*\r\nconnection: close\r\n[^]*from Next/i);
  },
);

test("refuses URLs that name another host, and TRACE", async () => {
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

test("an undecodable path of the machine API gets a 404 instead of Next's own failure", async () => {
  for (const path of ["/api/v1/%ff", "/api/v1/apps/%zz/token?x=%41", "/scim/v2/Users/%00"])
    await send("GET", path);
  await send("GET", "/api/v1/%41?x=%ff");
  expect(seen.map(({ url }) => url)).toEqual(["/api/v1/-", "/api/v1/-", "/scim/v2/-", "/api/v1/%41?x=%ff"]);
});

test("refuses text that PostgreSQL cannot store in every part of a page's URL", async () => {
  for (const path of ["/o/%00", "/o/x/calls?path=%00", "/o/x?%00=1", "/o/x?q=%ed%a0%80", "/o/x?q=%ff"])
    expect(await send("GET", path), path).toMatchObject({ status: 400 });
  expect(seen).toEqual([]);
  for (const path of ["/o/x?q=100%", "/o/x?q=%zz", "/o/x?q=%F0%9F%91%A9+%E9%94%80", "/metrics"])
    await send("GET", path);
  expect(seen).toHaveLength(4);
});

test("S29 answers a client that offers another protocol over HTTP, even where Next listens for upgrades", async () => {
  await send("GET", "/metrics");
  seen[0]?.server.on("upgrade", () => {});
  const offer = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABk" };
  expect(await send("GET", "/api/v1/apps", offer)).toMatchObject({ status: 200, body: "from Next" });
});

test("answers probes without Next, even while the database is unreachable", async () => {
  const health = await send("GET", "/healthz");
  expect(health).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  expect(health.headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  const ready = await send("GET", "/readyz");
  expect(ready.status).toBe(503);
  expect(JSON.parse(ready.body)).toMatchObject({ status: "unavailable", checks: { database: false } });
  expect(await send("HEAD", "/healthz")).toMatchObject({ status: 200, body: "" });
  expect(seen).toEqual([]);
});

test("the app has no proxy file of Next, which would cut bodies at 10 MB", () => {
  const files = globSync("{proxy,middleware,src/proxy,src/middleware}.{ts,js,mjs,tsx}");
  expect(files).toEqual([]);
});

describe("S34 content security policy", () => {
  const nonceOf = (policy: unknown) => /script-src [^;]*'nonce-([^']+)'/.exec(String(policy))?.[1];

  test("uses a new nonce for each answer and passes it to Next", async () => {
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

  test("refusals have the content security policy too, with the other fixed headers", async () => {
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

describe("requests under another host name than that of NEXTAUTH_URL", () => {
  const page = { accept: "text/html,*/*", host: "127.0.0.1:3300" };

  test("redirects a request for a page under another host name, and keeps its path", async () => {
    expect(await send("GET", "/o/abc?x=1", page)).toMatchObject({
      status: 307,
      headers: { location: `${OWN}/o/abc?x=1`, "cache-control": "no-store" },
    });
    expect(seen).toEqual([]);
  });

  test("answers a machine under another host name, even one that accepts HTML by default, like Java's client", async () => {
    const java = { accept: "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", host: "127.0.0.1:3300" };
    database.isThere = false;
    for (const path of ["/dingtalk/user/get?access_token=x", "/api/v1/apps"])
      expect(await send("GET", path, java), path).toMatchObject({ status: 200, body: "from Next" });
  });

  test("answers a probe, a part of a page or a change under another host name", async () => {
    for (const path of ["/healthz", "/_next/static/x.js"])
      expect((await send("GET", path, page)).headers.location, path).toBeUndefined();
    expect((await send("GET", "/readyz", { host: page.host })).headers.location).toBeUndefined();
    await send("POST", "/o/abc", { ...page, origin: OWN });
    expect(seen.map(({ method }) => method)).toEqual(["GET", "POST"]);
  });
});

test("answers pages in every form with 503 while the database is unreachable, without asking Next", async () => {
  database.isThere = false;
  for (const [method, headers] of [
    ["GET", { accept: "*/*" }],
    ["GET", {}],
    ["GET", { rsc: "1" }],
    ["HEAD", {}],
  ] as const) {
    const answer = await send(method, "/o/abc", headers);
    expect(answer).toMatchObject({
      status: 503,
      headers: { "retry-after": "10", "cache-control": "no-store" },
    });
    expect(answer.body).toBe(method === "HEAD" ? "" : '{"code":"unavailable"}');
  }
  expect(seen).toEqual([]);
  expect(
    await send("POST", "/o/abc", { origin: OWN }),
    "leaves actions to their own error answer",
  ).toMatchObject({
    status: 200,
  });
  expect(await send("GET", "/_next/static/x.js")).toMatchObject({ status: 200 });
});

describe("forms that fail in Next", () => {
  const form = { origin: OWN, "content-type": "multipart/form-data; boundary=x" };

  test.each([form, { origin: OWN, "next-action": "abc", "content-type": "text/plain" }])(
    "answers 400 when a form fails before its action has begun",
    async (headers) => {
      expect(await send("POST", "/form-fails", headers)).toMatchObject({ status: 400 });
    },
  );

  test("answers 500 when a form fails in its action", async () => {
    expect(await send("POST", "/action-fails", form)).toMatchObject({ status: 500 });
  });
});

test("S34 the page during a database outage has the policy with its nonce, and is never cached", async () => {
  database.isThere = false;
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

test("S31 Next requests the page that an action redirects to from this server, with the person's cookies", () => {
  // Next uses the options in node_modules/next/dist/server/app-render/action-handler.js.
  const [{ hostname = "localhost", port = 3000 } = {}] = asked;
  const { hostname: host, port: own } = new URL(
    process.env.__NEXT_PRIVATE_ORIGIN ?? `http://${hostname}:${port}`,
  );
  expect(own).toBe(String(serverPort()));
  expect(["localhost", "127.0.0.1"]).toContain(host);
});
