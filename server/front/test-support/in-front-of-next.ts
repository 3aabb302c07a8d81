import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { NodeNextRequest, NodeNextResponse } from "next/dist/server/base-http/node";
import { sendResponse } from "next/dist/server/send-response";
import { afterAll, beforeAll, beforeEach, vi } from "vitest";
import { env } from "@/lib/env";
import { beginAction } from "@/lib/http/action-progress";
import { PATH_HEADER } from "@/lib/request/internal-headers";
import { testEnvironment } from "@/lib/testing/environment";
import { freePort } from "../../ports";
import { type RunningServer, startServer } from "../front-server";

// Starts the front server for the test file that imports this module.

export const OWN = "https://dingkeep.example";
Object.assign(process.env, testEnvironment(), {
  // No server listens here.
  DATABASE_URL: "postgres://127.0.0.1:1/none_test",
  NEXTAUTH_URL: OWN,
});

type Seen = {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly server: Server;
};

// Next needs a build. This stand-in records the requests that reach it.
const seen = vi.hoisted((): Seen[] => []);
/** Delays a slow answer. */
const released = vi.hoisted(() => Promise.withResolvers<void>());
/** Release the delayed answers. */
const held = vi.hoisted((): (() => void)[] => []);
/** The next answer of the gateway's route. */
const passed = vi.hoisted((): { response: Response | null } => ({ response: null }));
/** Controls whether the database is reachable. */
const database = vi.hoisted(() => ({ isThere: true }));
vi.mock("@/lib/health/readiness", async (importOriginal) => ({
  ...(await importOriginal<typeof import("@/lib/health/readiness")>()),
  isDatabaseAvailable: async () => database.isThere,
}));
const asked = vi.hoisted((): { hostname?: string; port?: number }[] => []);
/** Fails at the first chunk of a body, as Next's server actions do: `pipeline` then destroys the request. */
const failEarly = vi.hoisted(() => async (message: IncomingMessage): Promise<number> => {
  const parser = new Writable({ write: (_chunk, _encoding, done) => done(new Error("malformed")) });
  return pipeline(message, parser).then(
    () => 200,
    () => 500,
  );
});
vi.mock("next", () => ({
  default: (options: { hostname?: string; port?: number }) => {
    asked.push(options);
    return {
      prepare: async () => {},
      getRequestHandler: () => async (message: IncomingMessage, response: ServerResponse) => {
        const { server: own } = message.socket as unknown as { server: Server };
        seen.push({ method: message.method, url: message.url, headers: { ...message.headers }, server: own });
        if (message.url?.endsWith("/reads")) await text(message);
        if (message.url === "/fails-early") response.statusCode = await failEarly(message);
        if (message.url === "/stops-reading") await Readable.toWeb(message).getReader().read();
        if (String(message.headers[PATH_HEADER]).endsWith("?holds"))
          await new Promise<void>((release) => held.push(release));
        if (message.url?.endsWith("?streams")) {
          const type = message.url.startsWith("/api/") ? "application/x-ndjson" : "text/event-stream";
          response.writeHead(200, { "content-type": type }).flushHeaders();
          await new Promise<void>((release) => held.push(release));
        }
        if (message.url === "/action-fails") beginAction();
        if (message.url === "/form-fails" || message.url === "/action-fails") response.statusCode = 500;
        if (message.url === "/waits") await released.promise;
        const made = message.url === "/dingtalk/call" ? passed.response : null;
        passed.response = null;
        // Uses Next's own function, which drops headers.
        if (made) await sendResponse(new NodeNextRequest(message), new NodeNextResponse(response), made);
        else response.end("from Next");
      },
    };
  },
}));

let server: RunningServer;
beforeAll(async () => {
  process.env.PORT = String(await freePort());
  server = await startServer({ host: "127.0.0.1" });
});
afterAll(async () => {
  vi.doUnmock("next");
  vi.doUnmock("@/lib/health/queries");
  await server.close();
});
beforeEach(() => {
  seen.length = 0;
  database.isThere = true;
  Object.assign(env(), { TRUSTED_PROXIES: [] });
});

type Answer = {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export const serverPort = (): number => server.port;

/** Sends a raw request, because a client library would normalize URL and origin. */
export function send(
  method: string,
  path: string,
  headers: Record<string, string | string[]> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: server.port, host: "127.0.0.1", method, path, headers }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.on("error", reject).end();
  });
}

export { asked, database, held, passed, released, seen };
