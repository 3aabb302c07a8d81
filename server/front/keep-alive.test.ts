import { connect } from "node:net";
import { Pool } from "undici";
import { describe, expect, onTestFinished, test } from "vitest";
import { OWN, seen, serverPort } from "./test-support/in-front-of-next";

const ROUTES = [
  ["/fails-early", 500],
  ["/stops-reading", 200],
  ["/never-reads", 200],
  ["/api/v1/apps", 200],
] as const;
const BODY = Buffer.alloc(3_000_000, "x");

describe.each(ROUTES)("connections after %s left a request body unread", (path, statusCode) => {
  test("answers the next request on the same pooled connection", async () => {
    const pool = new Pool(`http://127.0.0.1:${serverPort()}`, { connections: 1 });
    onTestFinished(() => pool.close());
    const post = { method: "POST", path, headers: { origin: OWN }, body: BODY } as const;
    const [first, second] = await Promise.all([
      pool.request(post).then(async (answer) => ({ ...answer, text: await answer.body.text() })),
      pool.request({ method: "GET", path: "/next" }),
    ]);
    expect(first).toMatchObject({ statusCode, text: "from Next" });
    expect(second.statusCode).toBe(200);
    expect(seen.map(({ url }) => url)).toEqual([path, "/next"]);
  });

  test("reuses a connection after its whole body was sent, for a client that reads answers in order", async () => {
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\norigin: ${OWN}\r\ncontent-length: ${BODY.length}\r\n\r\n`;
    const socket = connect(serverPort(), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.write(head);
    socket.write(BODY);
    socket.write("GET /next HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let received = "";
    for await (const chunk of socket as AsyncIterable<Buffer>) received += chunk.toString();
    expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${statusCode}`, "HTTP/1.1 200"]);
  });
});

test("closes a connection after an upgrade request, so that no answer is taken for that of a dropped request", async () => {
  const socket = connect(serverPort(), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const offer = "GET /first HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n";
  socket.write(`${offer}GET /second HTTP/1.1\r\nhost: x\r\n\r\n`);
  let received = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) received += chunk.toString();
  expect(received.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200"]);
  expect(received).toMatch(/^connection: close\r$/im);
});
