import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { createDispatcher } from "./hosts";
import { getScopes } from "./scopes";
import { kindOfNetworkCode } from "./send";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { makeSelfSigned } from "./test-support/self-signed";
import { deadUrl, startHost, startProxy, startRefusingProxy, withoutNames } from "./test-support/servers";

const scopes = { errcode: 0, auth_org_scopes: { authed_dept: [1], authed_user: [] } };
const addressOf = (url: string) => ({ host: "127.0.0.1", port: Number(new URL(url).port) });

/** A host under a name that only the proxy can find, with a certificate for it. */
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

describe("through a forward proxy", () => {
  test("plain http is sent to the proxy in absolute form, with its user and password", async () => {
    const host = await startHost({ json: scopes });
    const proxy = await startProxy(addressOf(host.url));
    const proxyUrl = proxy.url.replace("http://", "http://user:p%40ss@");
    const { dingtalk } = makeDingtalk({
      url: "http://oapi.dingtalk.test",
      dispatcher: createDispatcher({ proxyUrl }),
    });

    expect((await getScopes(dingtalk, makeCaller().caller)).departmentIds).toEqual(["1"]);
    expect(proxy.asked).toEqual([
      {
        method: "GET",
        target: "http://oapi.dingtalk.test/auth/scopes?access_token=token-1",
        authorization: `Basic ${Buffer.from("user:p@ss").toString("base64")}`,
      },
    ]);
    expect(host.heard).toHaveLength(1);
  });

  test("https is tunnelled, so that the proxy learns the host and nothing else", async () => {
    const host = await startTlsHost("oapi.dingtalk.test");
    trust(host.cert);
    const proxy = await startProxy(host.address);
    const dispatcher = createDispatcher({ proxyUrl: proxy.url });
    const { dingtalk } = makeDingtalk({ url: "https://oapi.dingtalk.test", dispatcher });

    expect((await getScopes(dingtalk, makeCaller().caller)).departmentIds).toEqual(["1"]);
    expect(proxy.asked).toEqual([
      { method: "CONNECT", target: "oapi.dingtalk.test:443", authorization: undefined },
    ]);
  });

  test("a certificate that nobody vouches for is refused, and not asked for again", async () => {
    const host = await startTlsHost("oapi.dingtalk.test");
    const proxy = await startProxy(host.address);
    const dispatcher = createDispatcher({ proxyUrl: proxy.url });
    const { dingtalk, attempts } = makeDingtalk({ url: "https://oapi.dingtalk.test", dispatcher });
    const error = await refusalOf(getScopes(dingtalk, makeCaller().caller));

    expect(error).toMatchObject({
      kind: "tls_failed",
      retry: "no",
      upstream: { networkCode: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    });
    expect(attempts).toHaveLength(1);
  });

  test("a certificate of another name is refused", async () => {
    const host = await startTlsHost("evil.test");
    trust(host.cert);
    const proxy = await startProxy(host.address);
    const dispatcher = createDispatcher({ proxyUrl: proxy.url });
    const { dingtalk } = makeDingtalk({ url: "https://oapi.dingtalk.test", dispatcher });
    expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("tls_failed");
  });

  test("a proxy that is not there is not gone around", async () => {
    const host = await startHost({ json: scopes });
    const dispatcher = createDispatcher({ proxyUrl: await deadUrl() });
    const { dingtalk } = makeDingtalk({ url: host.url, dispatcher });
    const error = await refusalOf(getScopes(dingtalk, makeCaller().caller));
    expect(error).toMatchObject({ kind: "unreachable", upstream: { networkCode: "ECONNREFUSED" } });
    expect(host.heard).toEqual([]);
  });

  test.each(["http", "https"])(
    "a proxy that refuses us is a host that is not reached, over %s",
    async (scheme) => {
      const proxyUrl = await startRefusingProxy();
      const { dingtalk } = makeDingtalk({
        url: `${scheme}://oapi.dingtalk.test`,
        dispatcher: createDispatcher({ proxyUrl }),
        timeoutMs: 20_000,
      });
      expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("unreachable");
    },
  );

  test.each(["socks5://proxy", "proxy:8080", "", "ftp://user:pa55@proxy"])(
    "%j is no proxy, and the refusal does not quote it",
    (proxyUrl) => {
      expect(() => createDispatcher({ proxyUrl })).toThrow(
        /^the proxy's address is not an http or https URL$/,
      );
    },
  );
});

describe("connections", () => {
  test("are used again", async () => {
    const host = await startHost({ json: scopes });
    const { dingtalk } = makeDingtalk({ url: host.url });
    for (let calls = 0; calls < 20; calls += 1) await getScopes(dingtalk, makeCaller().caller);
    // Two, not one: the second call leaves before the first's connection is seen to be free
    expect(host.connections()).toBeLessThanOrEqual(2);
  });

  test.each([301, 302, 307, 308])("a redirect of %i is not followed", async (status) => {
    const other = await startHost({ json: scopes });
    const host = await startHost({ status, headers: { location: `${other.url}/x` }, text: "moved" });
    const { dingtalk } = makeDingtalk({ url: host.url });
    const error = await refusalOf(getScopes(dingtalk, makeCaller().caller));
    expect(error).toMatchObject({ kind: "not_dingtalk", upstream: { status } });
    expect(other.heard).toEqual([]);
  });

  test("that fail say so without an address, a query or a token", async () => {
    const { dingtalk } = makeDingtalk({ url: await deadUrl() });
    const error = await refusalOf(getScopes(dingtalk, makeCaller("token-secret").caller));
    expect(error).toMatchObject({
      kind: "unreachable",
      upstream: { networkCode: "ECONNREFUSED", status: null },
    });
    expect([error.stack, JSON.stringify(error)].join()).not.toMatch(/token-secret|access_token|\?/);
  });

  test("a name that does not exist is told from a host that does not answer", async () => {
    const dispatcher = withoutNames();
    const { dingtalk } = makeDingtalk({ url: "http://no-such-host.invalid", dispatcher });
    expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("host_unresolved");
  });

  test("TLS spoken to a host that speaks none is a failure of TLS", async () => {
    const host = await startHost({ json: scopes });
    const { dingtalk } = makeDingtalk({ url: host.url.replace("http:", "https:") });
    expect((await refusalOf(getScopes(dingtalk, makeCaller().caller))).kind).toBe("tls_failed");
  });

  test("what is no HTTP is not DingTalk's", async () => {
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
] as const)("%j is %s", (codes, kind) => {
  for (const code of codes) expect(kindOfNetworkCode(code), code).toBe(kind);
});
