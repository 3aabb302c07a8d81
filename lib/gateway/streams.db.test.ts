import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterAll, describe, expect, test, vi } from "vitest";
import { closeNotifications } from "@/lib/db/notifications";
import { listen } from "@/lib/dingtalk/test-support/servers";
import { makeTestDingtalk } from "@/lib/tokens/test-support/test-dingtalk";
import { BUFFERED_BODY_BYTES_MAX } from "./buffer-body";
import { INSPECTED_BYTES_MAX } from "./inspect-answer";
import { gatewayOn, makeGatewayApp } from "./test-support/gateway-world";

afterAll(closeNotifications);

const PAIR = { appKey: "dingstreams000000000", appSecret: "gateway-test-secret-MARKED" };
const MEBIBYTE = 1_048_576;

/** Starts a host that issues a token and passes every other request to `answer` before its body has arrived. */
async function openGateway(answer: (incoming: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer((incoming, response) => {
    if (!incoming.url?.startsWith("/v1.0/oauth2/accessToken")) return answer(incoming, response);
    response.setHeader("content-type", "application/json");
    incoming.resume().on("end", () => response.end('{"accessToken":"real-token","expireIn":7200}'));
  });
  const { bearer } = await makeGatewayApp(PAIR);
  return { bearer, ...gatewayOn(makeTestDingtalk(await listen(server))) };
}

/** Returns a count once it has stopped changing. */
async function settled(count: () => number): Promise<number> {
  let seen = -1;
  await vi.waitFor(
    () => {
      const before = seen;
      seen = count();
      expect(seen).toBe(before);
    },
    { interval: 300, timeout: 20_000 },
  );
  return seen;
}

describe("constant memory", () => {
  test.each(["application/json", "application/octet-stream"])(
    "streams a long answer of type %s in constant memory",
    async (type) => {
      const all = 64 * MEBIBYTE;
      let written = 0;
      const { ask, bearer } = await openGateway((_incoming, response) => {
        response.writeHead(200, { "content-type": type, "content-length": String(all) });
        const write = () => {
          while (written < all) {
            written += MEBIBYTE;
            if (!response.write(Buffer.alloc(MEBIBYTE, "x"))) return void response.once("drain", write);
          }
          response.end();
        };
        write();
      });
      const answer = await ask({ path: "media/get", headers: bearer });
      const reader = answer.body?.getReader();
      let read = (await reader?.read())?.value?.length ?? 0;
      expect(read).toBeGreaterThan(0);
      expect(await settled(() => written), "data that a slow reader doesn't take isn't fetched").toBeLessThan(
        all / 2,
      );
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read())
        read += next.value.length;
      expect(read).toBe(all);
    },
  );

  test("streams a long body in constant memory, and sends it before its end has arrived", async () => {
    let received = 0;
    const { ask, bearer } = await openGateway((incoming, response) => {
      incoming.on("data", (chunk: Buffer) => {
        received += chunk.length;
      });
      incoming.on("end", () => response.end());
    });
    const goOn = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(new Uint8Array(BUFFERED_BODY_BYTES_MAX + 1));
        await goOn.promise;
        controller.enqueue(new Uint8Array(10));
        controller.close();
      },
    });
    const answer = ask({ path: "media/upload", method: "POST", headers: bearer, body });
    await expect.poll(() => received).toBe(BUFFERED_BODY_BYTES_MAX + 1);
    goOn.resolve();
    expect((await answer).status).toBe(200);
    expect(received).toBe(BUFFERED_BODY_BYTES_MAX + 11);
  });

  test("buffers bodies and answers of exactly the limit in constant memory", async () => {
    const bodies: number[] = [];
    const { ask, bearer } = await openGateway((incoming, response) => {
      let bytes = 0;
      incoming.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      incoming.on("end", () => {
        bodies.push(bytes);
        const dead = bodies.length === 1 ? `{"errcode":40014,"errmsg":"` : `{"errcode":0,"errmsg":"`;
        const text = `${dead}${"x".repeat(INSPECTED_BYTES_MAX - dead.length - 2)}"}`;
        response.writeHead(200, { "content-type": "application/json" }).end(text);
      });
    });
    const answer = await ask({
      path: "media/upload",
      method: "POST",
      headers: bearer,
      body: new Uint8Array(BUFFERED_BODY_BYTES_MAX),
    });
    expect(await answer.json()).toMatchObject({ errcode: 0 });
    expect(bodies).toEqual([BUFFERED_BODY_BYTES_MAX, BUFFERED_BODY_BYTES_MAX]);
  });
});

test("a caller who disconnects ends the call to DingTalk", async () => {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { ask, bearer } = await openGateway((_incoming, response) => {
    begun.resolve();
    response.on("close", () => ended.resolve());
  });
  const controller = new AbortController();
  const answer = ask({ path: "user/get", headers: bearer, signal: controller.signal });
  await begun.promise;
  controller.abort();
  await ended.promise;
  expect((await answer).status).toBe(499);
});
