import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import type { Redacted } from "@/lib/redacted";
import { RECEIVER_PAGE } from "./receiver-page";

/** Number of webhooks that the page shows. */
const KEPT = 100;

export type ReceivedWebhook = { readonly at: string; readonly isVerified: boolean; readonly body: string };

/** Verifies a message as the developer guide describes. A rotation has two present secrets. */
function isSigned(body: string, headers: IncomingHttpHeaders, secrets: readonly Redacted[]): boolean {
  return secrets.some((secret) => {
    try {
      new Webhook(secret.reveal()).verify(body, headers as Record<string, string>);
      return true;
    } catch {
      return false;
    }
  });
}

export type DemoReceiver = { readonly url: string; close(): Promise<void> };

type Options = {
  readonly host: string;
  readonly port: number;
  /** Returns the secrets that may have signed a message. */
  readonly secrets: () => Promise<readonly Redacted[]>;
};

/** Starts a server that accepts webhooks with a valid signature, and shows the last 100 webhooks on a page. */
export async function startWebhookReceiver({ host, port, secrets }: Options): Promise<DemoReceiver> {
  const received: ReceivedWebhook[] = [];

  async function accept(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const isVerified = isSigned(body, request.headers, await secrets());
    received.unshift({ at: new Date().toISOString(), isVerified, body });
    received.length = Math.min(received.length, KEPT);
    response.writeHead(isVerified ? 204 : 401).end();
  }

  const server = createServer((request, response) => {
    if (request.method === "POST") accept(request, response).catch(() => response.destroy());
    else if (request.url === "/webhooks.json")
      response.setHeader("content-type", "application/json").end(JSON.stringify(received));
    else response.setHeader("content-type", "text/html;charset=utf-8").end(RECEIVER_PAGE);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
