import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { decrypt, encrypt, makeAesKey, type Opened, sign } from "../events/callback-crypto";

/** A push as it arrived. */
export type ReceivedPush = {
  readonly query: URLSearchParams;
  readonly body: string;
  readonly opened: Opened;
  /** The decrypted message. */
  readonly payload: Readonly<Record<string, unknown>>;
};

type Reply = { readonly status?: number; readonly body: string };
/** Returns a reply in place of the correct one, which `correct` makes. Null leaves the push without a reply. */
type Respond = (push: ReceivedPush, correct: (changes?: ReplyChanges) => Reply) => Reply | null;

/** Deviations from the correct reply. */
type ReplyChanges = {
  readonly text?: string;
  readonly ownerKey?: string;
  readonly aesKey?: string;
  readonly token?: string;
};

/** Starts an app's callback endpoint, which is closed after the test. It replies correctly unless `respond` differs. */
export async function openReceiver(respond: Respond = (_, correct) => correct()) {
  const keys = { token: "receivertoken", aesKey: makeAesKey() };
  const received: ReceivedPush[] = [];
  let current = respond;

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readText(incoming);
    const query = new URL(incoming.url ?? "/", "http://receiver").searchParams;
    const push = openPush(keys.aesKey, query, body);
    if (!push) {
      response.writeHead(400).end("refused");
      return;
    }
    received.push(push);
    const reply = current(push, (changes) => makeReply(keys, push, changes));
    if (reply)
      response.writeHead(reply.status ?? 200, { "content-type": "application/json" }).end(reply.body);
  }

  const server = createServer((incoming, response) => void answer(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/callback`,
    ...keys,
    received,
    respondWith: (next: Respond): void => {
      current = next;
    },
  };
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Returns null for a message that a receiver cannot decrypt. */
function openPush(aesKey: string, query: URLSearchParams, body: string): ReceivedPush | null {
  try {
    const opened = decrypt(aesKey, (JSON.parse(body) as { encrypt: string }).encrypt);
    return { query, body, opened, payload: JSON.parse(opened.message) as Record<string, unknown> };
  } catch {
    return null;
  }
}

function makeReply(
  keys: { readonly token: string; readonly aesKey: string },
  { opened }: ReceivedPush,
  {
    text = "success",
    ownerKey = opened.ownerKey,
    aesKey = keys.aesKey,
    token = keys.token,
  }: ReplyChanges = {},
): Reply {
  const [timestamp, nonce] = ["1767574800000", "receiver"];
  const encrypted = encrypt(aesKey, { message: text, ownerKey });
  const signature = sign({ token, timestamp, nonce, encrypted });
  return {
    body: JSON.stringify({ msg_signature: signature, timeStamp: timestamp, nonce, encrypt: encrypted }),
  };
}
