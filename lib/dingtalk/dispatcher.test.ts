import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { kindOfNetworkCode } from "./classify-network-error";
import { getScopes } from "./contact-scope";
import { createDispatcher } from "./dispatcher";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { makeSelfSigned } from "./test-support/self-signed";
import { deadUrl, startHost, startProxy, startRefusingProxy, withoutNames } from "./test-support/servers";

const scopes = { errcode: 0, auth_org_scopes: { authed_dept: [1], authed_user: [] } };
const addressOf = (url: string) => ({ host: "127.0.0.1", port: Number(new URL(url).port) });

/** Starts a TLS host under a name that only the proxy resolves. */
async function startTlsHost(name: string) {
  const pair = makeSelfSigned(name);
  const server = createTlsServer(pair, (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(scopes));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { cert: pair.cert, address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port } };
}

function trust(cert: string) {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, cert]);
  onTestFinished(() => setDefaultCACertificates(before));
}

describe("forward proxy", () => {
  test("sends plain http to the proxy in absolute form, with the proxy's user and password", async () => {
    const host = await startHost({ json: scopes });
    const proxy = await startProxy(addressOf(host.url));
    const proxyUrl = proxy.url.replace("http://", "http://user:p%40ss@");
    const { dingtalk } = makeDingtalk({
      url: "http://oapi.dingtalk.test",
      dispatcher: createDispatcher({ proxyUrl, connections: 50 }),
    });

    expect((await getScopes(dingtalk, makeCaller().caller)).departmentIds).toEqual(["1"]);
    expect(proxy.asked).toEqual([
      {
        method: "GET",
        target: "http://oapi.dingtalk.test/auth/scopes?access_token=token-1",
        authorization: `Basic ${Buffer.from("user:p@ss").toString("base64")}`,
      },
    ]);
    expect(host.received).toHaveLength(1);
  });

  test("tunnels https through the proxy, which learns only the host", async () => {
    const host = await startTlsHost("oapi.dingtalk.test");
    trust(host.cert);
    const proxy = await startProxy(host.address);
    const dispatcher = createDispatcher({ proxyUrl: proxy.url, connections: 50 });
    const { dingtalk } = makeDingtalk({ url: "https://oapi.dingtalk.test", dispatcher });

    expect((await getScopes(dingtalk, makeCaller().caller)).departmentIds).toEqual(["1"]);
    expect(proxy.asked).toEqual([
      { method: "CONNECT", target: "oapi.dingtalk.test:443", authorization: undefined },
    ]);
  });

  test("reports an untrusted certificate behind the proxy as tls_failed, without a repeat", async () => {
    const host = await startTlsHost("oapi.dingtalk.test");
    const proxy = await startProxy(host.address);
    const dispatcher = createDispatcher({ proxyUrl: proxy.url, connections: 50 });
    const { dingtalk, attempts } = makeDingtalk({ url: "https://oapi.dingtalk.test", dispatcher });
    const error = await refusalOf(getScopes(dingtalk, makeCaller().caller));

    expect(error).toMatchObject({
      kind: "tls_failed",
      retry: "no",
      upstream: { networkCode: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    });
    expect(attempts).toHaveLength(1);
  });

  test("reports a certificate of another name behind the proxy as tls_failed", async () => {
    const host = await startTlsHost("evil.test");
    trust(host.cert);
    const proxy = await startProxy(host.address);
    const dispatcher = createDispatcher({ proxyUrl: proxy.url, connections: 50 });
    const { dingtalk } = makeDingtalk({ url: "https://oapi.dingtalk.test", dispatcher });
    expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("tls_failed");
  });

  test("does not bypass a proxy that can't be reached", async () => {
    const host = await startHost({ json: scopes });
    const dispatcher = createDispatcher({ proxyUrl: await deadUrl(), connections: 50 });
    const { dingtalk } = makeDingtalk({ url: host.url, dispatcher });
    const error = await refusalOf(getScopes(dingtalk, makeCaller().caller));
    expect(error).toMatchObject({ kind: "unreachable", upstream: { networkCode: "ECONNREFUSED" } });
    expect(host.received).toEqual([]);
  });

  test.each(["http", "https"])(
    "reports the host as unreachable when the proxy refuses %s",
    async (scheme) => {
      const proxyUrl = await startRefusingProxy();
      const { dingtalk } = makeDingtalk({
        url: `${scheme}://oapi.dingtalk.test`,
        dispatcher: createDispatcher({ proxyUrl, connections: 50 }),
        timeoutMs: 20_000,
      });
      expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("unreachable");
    },
  );

  test.each(["socks5://proxy", "proxy:8080", "", "ftp://user:pa55@proxy"])(
    "refuses the proxy address %j, without quoting it",
    (proxyUrl) => {
      expect(() => createDispatcher({ proxyUrl, connections: 50 })).toThrow(
        /^the proxy's address is not an http or https URL$/,
      );
    },
  );
});

describe("connections", () => {
  test("reuses connections", async () => {
    const host = await startHost({ json: scopes });
    const { dingtalk } = makeDingtalk({ url: host.url });
    for (let calls = 0; calls < 20; calls += 1) await getScopes(dingtalk, makeCaller().caller);
    // Two, because the second call can be sent before the first connection is free
    expect(host.connections()).toBeLessThanOrEqual(2);
  });

  test.each([301, 302, 307, 308])("does not follow a redirect of %i", async (status) => {
    const other = await startHost({ json: scopes });
    const host = await startHost({ status, headers: { location: `${other.url}/x` }, text: "moved" });
    const { dingtalk } = makeDingtalk({ url: host.url });
    const error = await refusalOf(getScopes(dingtalk, makeCaller().caller));
    expect(error).toMatchObject({ kind: "not_dingtalk", upstream: { status } });
    expect(other.received).toEqual([]);
  });

  test("a failed connection leaves no address, query or token in the error", async () => {
    const { dingtalk } = makeDingtalk({ url: await deadUrl() });
    const error = await refusalOf(getScopes(dingtalk, makeCaller("token-secret").caller));
    expect(error).toMatchObject({
      kind: "unreachable",
      upstream: { networkCode: "ECONNREFUSED", status: null },
    });
    expect([error.stack, JSON.stringify(error)].join()).not.toMatch(/token-secret|access_token|\?/);
  });

  test("reports an unknown name as host_unresolved, not as unreachable", async () => {
    const dispatcher = withoutNames();
    const { dingtalk } = makeDingtalk({ url: "http://no-such-host.invalid", dispatcher });
    expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("host_unresolved");
  });

  test("reports a host that does not speak TLS as tls_failed", async () => {
    const host = await startHost({ json: scopes });
    const { dingtalk } = makeDingtalk({ url: host.url.replace("http:", "https:") });
    expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("tls_failed");
  });

  test("reports an answer that is not HTTP as not_dingtalk", async () => {
    const server = createTcpServer((socket) =>
      socket.once("data", () => socket.end("220 mail.test ESMTP\r\n")),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { dingtalk } = makeDingtalk({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("not_dingtalk");
  });
});

test.each([
  [["ENOTFOUND", "EAI_AGAIN"], "host_unresolved"],
  [
    [
      "ECONNREFUSED",
      "ECONNRESET",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "EPIPE",
      "UND_ERR_SOCKET",
      "UND_ERR_ABORTED",
      "",
    ],
    "unreachable",
  ],
  [["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"], "timeout"],
  [
    ["CERT_HAS_EXPIRED", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "SELF_SIGNED_CERT_IN_CHAIN", "EPROTO"],
    "tls_failed",
  ],
  [["ERR_TLS_CERT_ALTNAME_INVALID", "ERR_SSL_WRONG_VERSION_NUMBER"], "tls_failed"],
  [["HPE_INVALID_CONSTANT"], "not_dingtalk"],
  [["UND_ERR_HEADERS_OVERFLOW"], "too_large"],
] as const)("classifies the network codes %j as %s", (codes, kind) => {
  for (const code of codes) expect(kindOfNetworkCode(code), code).toBe(kind);
});
