import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Starts a small server with the routes that the token client uses. */
export async function startSmallDingkeep() {
  let version = 1;
  /** Status of all answers, while it is set. */
  let failing: number | null = null;
  const waiting = new Set<() => void>();
  const asked: string[] = [];
  const lease = (changed?: boolean) => ({
    accessToken: `token-${version}`,
    expiresAt: new Date(Date.now() + 7_200_000).toISOString(),
    version,
    changedAt: new Date().toISOString(),
    ...(changed !== undefined && { changed }),
  });
  const renew = () => {
    version += 1;
    for (const wake of waiting) wake();
    waiting.clear();
  };
  const say = (response: ServerResponse, status: number, body: object, type = "application/json") =>
    response.writeHead(status, { "content-type": type, "retry-after": "0" }).end(JSON.stringify(body));
  const problem = (response: ServerResponse, status: number, code: string) =>
    say(response, status, { status, code, title: code, requestId: "r1" }, "application/problem+json");

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const after = searchParams.get("after");
    asked.push(`${request.method} ${pathname}${after === null ? "" : ` after ${after}`}`);
    if (request.headers.authorization !== "Bearer dk_test")
      return void problem(response, 401, "unauthenticated");
    if (failing !== null) return void problem(response, failing, "unavailable");
    if (pathname.endsWith("/token/invalidate")) {
      let text = "";
      for await (const chunk of request) text += String(chunk);
      const refused = (JSON.parse(text) as { readonly version: number }).version;
      if (refused === version) renew();
      return void say(response, 200, lease(true));
    }
    if (!pathname.endsWith("/token")) return void say(response, 200, { apps: [] });
    if (after !== null && Number(after) >= version) await new Promise<void>((wake) => waiting.add(wake));
    say(response, 200, lease());
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    renew,
    isWaitedFor: () => waiting.size > 0,
    fail: (status: number | null) => {
      failing = status;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
