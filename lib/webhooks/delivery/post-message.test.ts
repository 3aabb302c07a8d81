import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { Webhook } from "standardwebhooks";
import { describe, expect, onTestFinished, test } from "vitest";
import { guardedDispatcher } from "./guarded-dispatcher";
import { makePost, readRetryAfter } from "./post-message";
import type { ResolveHost } from "./resolve-host";
import { makeWebhookSecret, signatureHeaders } from "./signature";

const OPEN = { allowsPrivate: true, ownAddresses: [] };
const MESSAGE = { id: "evt_1", atMs: Date.now(), body: '{"type":"app.broken"}' };

async function listen(answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function makeSender(resolve: ResolveHost = async () => ["127.0.0.1"], rules = OPEN) {
  const dispatcher = guardedDispatcher(rules, resolve, 1);
  onTestFinished(() => dispatcher.destroy());
  const post = makePost(dispatcher);
  return (url: string, secret = makeWebhookSecret()) => post(new URL(url), MESSAGE, [secret]);
}

describe("signature", () => {
  test("the package standardwebhooks verifies a signature", () => {
    const secret = makeWebhookSecret();
    const headers = signatureHeaders(MESSAGE, [secret]);
    expect(new Webhook(secret.reveal()).verify(MESSAGE.body, headers)).toEqual({ type: "app.broken" });
    expect(() => new Webhook(makeWebhookSecret().reveal()).verify(MESSAGE.body, headers)).toThrow();
    expect(() => new Webhook(secret.reveal()).verify(`${MESSAGE.body} `, headers)).toThrow();
  });

  test("the package standardwebhooks verifies a message with either secret during a rotation", () => {
    const [next, previous] = [makeWebhookSecret(), makeWebhookSecret()];
    const headers = signatureHeaders(MESSAGE, [next, previous]);
    expect(headers["webhook-signature"].split(" ")).toHaveLength(2);
    for (const secret of [next, previous]) {
      expect(new Webhook(secret.reveal()).verify(MESSAGE.body, headers)).toEqual({ type: "app.broken" });
    }
  });

  test("a new secret has the standard format and 32 random bytes", () => {
    expect(makeWebhookSecret().reveal()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });
});

describe("delivery of a message", () => {
  test("sends the signed body and returns status and response", async () => {
    const received: { readonly body: string; readonly headers: Record<string, unknown> }[] = [];
    const port = await listen((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        received.push({ body: Buffer.concat(chunks).toString(), headers: request.headers });
        response.writeHead(202, { "retry-after": "7" }).end("thanks");
      });
    });
    const secret = makeWebhookSecret();
    const outcome = await makeSender()(`http://hooks.example:${port}/in`, secret);

    expect(outcome).toMatchObject({ status: 202, failure: null, retryAfterMs: 7_000 });
    expect(outcome.answer.toString()).toBe("thanks");
    const { body, headers } = received[0] ?? { body: "", headers: {} };
    expect(headers).toMatchObject({ "content-type": "application/json", "webhook-id": "evt_1" });
    expect(new Webhook(secret.reveal()).verify(body, headers as Record<string, string>)).toBeTruthy();
  });

  test("does not follow a redirect", async () => {
    let requests = 0;
    const port = await listen((_, response) => {
      requests += 1;
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    expect(await makeSender()(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 307 });
    expect(requests).toBe(1);
  });

  test("keeps 4 kB of an endless response and stops reading after 64 kB", async () => {
    let sent = 0;
    const port = await listen((_, response) => {
      const chunk = Buffer.alloc(1_024, "x");
      const send = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        response.once("drain", send);
      };
      send();
    });
    const { status, answer } = await makeSender()(`http://127.0.0.1:${port}/`);
    expect({ status, bytes: answer.length }).toEqual({ status: 200, bytes: 4_096 });
    // The rest lies in the buffers of the sockets.
    expect(sent).toBeLessThan(16 * 1_024 * 1_024);
  });

  test("reports a refused connection", async () => {
    const port = await listen(() => {});
    const closed = createTcpServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port: free } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, "close");
    expect(port).not.toBe(free);
    expect(await makeSender()(`http://127.0.0.1:${free}/`)).toMatchObject({
      status: null,
      failure: "connection",
    });
  });

  test("S31 connects to nothing when a name's later address is private", async () => {
    let requests = 0;
    const port = await listen((_, response) => {
      requests += 1;
      response.end();
    });
    const answers = [["93.184.215.14"], ["127.0.0.1"], ["93.184.215.14", "127.0.0.1"]];
    const resolve: ResolveHost = async () => answers.shift() ?? ["127.0.0.1"];
    expect(await resolve("rebinding.example")).toEqual(["93.184.215.14"]);
    const send = makeSender(resolve, { allowsPrivate: false, ownAddresses: [] });

    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await send(`http://rebinding.example:${port}/`)).toMatchObject({
        status: null,
        failure: "private",
      });
    }
    expect(requests).toBe(0);
  });

  test("S31 connects to nothing when the URL names a private address", async () => {
    let requests = 0;
    const port = await listen((_, response) => {
      requests += 1;
      response.end();
    });
    const send = makeSender(undefined, { allowsPrivate: false, ownAddresses: [] });
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ failure: "private" });
    expect(requests).toBe(0);
  });

  test("reports a name without an address", async () => {
    const send = makeSender(async () => []);
    expect(await send("http://nowhere.example/")).toMatchObject({ failure: "unresolvable" });
  });
});

test.each([
  ["120", 120_000],
  [" 0 ", 0],
  ["Thu, 03 Dec 2026 00:01:00 GMT", 60_000],
  ["Thu, 03 Dec 2026 00:00:00 GMT", 0],
  ["Wed, 02 Dec 2026 00:00:00 GMT", 0],
  ["-5", null],
  ["1.5", null],
  ["soon", null],
  [undefined, null],
])("reads the Retry-After header %s as %s ms", (header, expected) => {
  expect(readRetryAfter(header, Date.UTC(2026, 11, 3))).toBe(expected);
});
