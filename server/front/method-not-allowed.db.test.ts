import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { methodsAt, refuseMethod } from "./method-not-allowed";

const server = createServer((request, response) => {
  void refuseMethod(request, response).then((isRefused) => isRefused || response.writeHead(299).end());
});
let base = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test("answers an unsupported method with a problem that names the supported ones", async () => {
  const response = await fetch(`${base}/api/v1/apps/x/token?after=1`, {
    method: "DELETE",
    headers: { "accept-language": "zh-CN" },
  });
  expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({ code: "method_not_allowed", detail: "GET, HEAD, OPTIONS" });
  const signing = await fetch(`${base}/api/v1/apps/x/jsapi-signature`);
  expect([signing.status, signing.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
});

test("answers an unsupported method on the API description in the same way", async () => {
  for (const path of ["/api/v1/openapi.json", "/api/v1/docs"]) {
    const response = await fetch(base + path, { method: "POST" });
    expect([response.status, response.headers.get("allow")], path).toEqual([405, "GET, HEAD, OPTIONS"]);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  }
});

test("leaves supported methods and other paths to their routes", async () => {
  for (const [method, path] of [
    ["GET", "/api/v1/apps"],
    ["POST", "/api/v1/apps"],
    ["HEAD", "/api/v1/apps/x/token"],
    ["OPTIONS", "/api/v1/apps"],
    ["PUT", "/api/v1/nothing"],
    ["POST", "/o/x"],
  ] as const) {
    expect((await fetch(base + path, { method })).status, `${method} ${path}`).toBe(299);
  }
  expect(methodsAt("/api/v1/apps/x")).toEqual(["GET", "PATCH", "DELETE"]);
});
