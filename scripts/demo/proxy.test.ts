import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { startDemoProxy } from "./proxy";

const HOST = "127.0.0.1";

async function listen(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen({ host: HOST, port: 0 }, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** Returns a port without a server. */
async function gonePort(): Promise<number> {
  const { server, port } = await listen(() => {});
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function proxyTo(...targets: number[]): Promise<string> {
  const proxy = await startDemoProxy({ host: HOST, port: 0, targets: () => targets });
  onTestFinished(() => proxy.close());
  return `http://${HOST}:${proxy.port}`;
}

/** Starts a server that answers with its name and the request's body. */
const named = (name: string) =>
  listen((request, response) => void text(request).then((body) => response.end(name + body)));

const ask = async (url: string, init?: RequestInit) => {
  const answer = await fetch(url, init);
  return { status: answer.status, body: await answer.text() };
};

test("servers take turns, and another server takes over for one that is gone, with the body of the request", async () => {
  const [one, two] = [await named("one"), await named("two")];
  const url = await proxyTo(one.port, await gonePort(), two.port);
  const bodies: string[] = [];
  for (let turn = 0; turn < 6; turn++)
    bodies.push((await ask(url, turn % 2 ? { method: "POST", body: "+" } : {})).body);
  expect(bodies.sort()).toEqual(["one", "one+", "two", "two", "two+", "two+"]);
});

test("answers 503 when no server is running", async () => {
  expect((await ask(await proxyTo(await gonePort()))).status).toBe(503);
  expect((await ask(await proxyTo())).status).toBe(503);
});

test("repeats a read on another server when one dies before it answers, but never a change", async () => {
  let changes = 0;
  const dying = await listen((request) => {
    if (request.method === "POST") changes += 1;
    request.socket.destroy();
  });
  const url = await proxyTo((await named("alive")).port, dying.port);
  const reads = [await ask(url), await ask(url)];
  expect(reads.map(({ body }) => body)).toEqual(["alive", "alive"]);
  const write = () => ask(url, { method: "POST", body: "x" });
  const writes = [await write(), await write()];
  expect(writes.map(({ status }) => status).sort()).toEqual([200, 502]);
  expect(changes).toBe(1);
});

test("passes on an answer that comes before the body was read", async () => {
  const refusing = await listen((_, response) => response.writeHead(413).end("too large"));
  const url = await proxyTo(refusing.port);
  const body = Buffer.alloc(3_000_000);
  for (let tries = 0; tries < 20; tries++) {
    expect(await ask(url, { method: "POST", body })).toEqual({ status: 413, body: "too large" });
  }
});

test("streams an answer, cuts it when the server dies, and ends it when the browser disconnects", async () => {
  const closed = Promise.withResolvers<void>();
  let cut = () => {};
  const streaming = await listen((request, response) => {
    response.write("first");
    response.once("close", () => closed.resolve());
    cut = () => request.socket.destroy();
  });
  const url = await proxyTo(streaming.port);
  const answer = await fetch(url);
  const reader = answer.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first");
  cut();
  await expect(reader?.read()).rejects.toThrow();
  await closed.promise;

  const gone = new AbortController();
  await fetch(url, { signal: gone.signal });
  gone.abort();
  await closed.promise;
});

test("drops the client's own forwarding header, and passes on everything else unchanged", async () => {
  const seen: Record<string, unknown>[] = [];
  const server = await listen((request, response) => {
    void text(request).then((body) => {
      seen.push({
        url: request.url,
        body,
        host: request.headers.host,
        for: request.headers["x-forwarded-for"],
      });
      response.setHeader("set-cookie", ["a=1", "b=2"]).writeHead(201).end();
    });
  });
  const url = await proxyTo(server.port);
  const answer = await fetch(`${url}/a%2Fb/?q=1`, {
    method: "PUT",
    body: "内容",
    headers: { "x-forwarded-for": "203.0.113.9" },
  });
  expect([answer.status, answer.headers.getSetCookie()]).toEqual([201, ["a=1", "b=2"]]);
  expect(seen).toEqual([{ url: "/a%2Fb/?q=1", body: "内容", host: new URL(url).host, for: HOST }]);
});
