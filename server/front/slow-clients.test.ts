import type { Server } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { OWN, released, seen, send, serverPort } from "./test-support/in-front-of-next";

test("S30 limits the receipt of headers and body to 15 s, and checks often enough", async () => {
  await send("GET", "/");
  const limits = seen[0]?.server as Server & { connectionsCheckingInterval: number };
  expect(limits).toMatchObject({ headersTimeout: 15_000, requestTimeout: 15_000 });
  expect(limits.connectionsCheckingInterval).toBeLessThanOrEqual(1_000);
});

describe("S30 slow clients", () => {
  /**
   * Sends the beginning of a request and then one byte at a time.
   *
   * @returns the whole answer, once the connection is closed
   */
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

  test("disconnects clients that send headers or a body slowly, but not those that wait for an answer", async () => {
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
