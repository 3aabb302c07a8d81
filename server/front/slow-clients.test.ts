import type { Server } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { OWN, released, seen, send, serverPort } from "./test-support/in-front-of-next";

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
      const socket = connect(serverPort(), "127.0.0.1", () => socket.write(beginning));
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
