import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export type ReceivedMessage = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Starts a server that accepts every webhook and keeps its messages. */
export async function startReceiver() {
  const received: ReceivedMessage[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ headers: request.headers as Record<string, string>, body });
      response.end("received");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook?token=tokenInQuery`,
    shownUrl: `http://127.0.0.1:${port}/hook?…`,
    received,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
