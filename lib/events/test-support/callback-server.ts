import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { defineCallback } from "@/lib/http/define-callback";
import { receiveCallback } from "../receive/receive-callback";

const answer = defineCallback(receiveCallback);

/** Serves the callback route over HTTP, so that the simulator can push events to it. */
export async function openCallbackServer() {
  let isDown = false;
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (isDown) return void response.writeHead(503).end();
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? "/", "http://localhost");
    const answered = await answer(new Request(url, { method: "POST", body: Buffer.concat(chunks) }), {
      params: Promise.resolve({ address: url.pathname.split("/").at(-1) ?? "" }),
    });
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    response.end(await answered.text());
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    /** Answers every callback with 503 until it is up again. */
    setDown: (down: boolean) => (isDown = down),
  };
}
