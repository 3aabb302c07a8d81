import { afterAll, describe, expect, test } from "vitest";
import { closeNotifications } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import { countConnectionsOf } from "@/lib/testing/connections";
import { makeApp } from "@/lib/testing/factories";
import { LEASE_SECONDS, makeLeaseToken, readLeaseToken } from "./lease-token";
import { gatewayOn, makeGatewayApp, makeGatewayKey } from "./test-support/gateway-world";
import { startUpstream } from "./test-support/upstream";

afterAll(closeNotifications);

const PAIR = { appKey: "dinglease00000000000", appSecret: "gateway-test-secret-MARKED" };
const JSON_BODY = { "content-type": "application/json" };

test("S30 a token request longer than 16 kB is refused before the rest of its body arrives", async () => {
  const { ask } = gatewayOn((await startUpstream({})).dingtalk);
  const endless = new ReadableStream<Uint8Array>({
    start: (sender) => {
      for (let sent = 0; sent < 17; sent += 1) sender.enqueue(new Uint8Array(1_024));
    },
  });
  expect(await ask({ path: "gettoken", method: "POST", body: endless })).toMatchObject({ status: 413 });
});

describe("lease tokens", () => {
  const lease = async () => {
    const upstream = await startUpstream({});
    const world = await makeGatewayApp(PAIR);
    const gateway = gatewayOn(upstream.dingtalk);
    const query = new URLSearchParams({ appkey: PAIR.appKey, appsecret: world.key });
    const given = await gateway.ask({ path: `gettoken?${query}` });
    const body = (await given.json()) as { access_token: string };
    return { ...world, ...gateway, upstream, given: body, token: body.access_token };
  };

  test("issues a lease token for AppKey and API key on each of DingTalk's token routes, with their lifetime", async () => {
    const { ask, key, given } = await lease();
    expect(given).toEqual({
      errcode: 0,
      errmsg: "ok",
      access_token: expect.stringMatching(/^dl_/),
      expires_in: LEASE_SECONDS,
    });
    const form = new URLSearchParams({ appkey: PAIR.appKey, appsecret: key });
    expect(await (await ask({ path: "gettoken", method: "POST", body: form })).json()).toMatchObject({
      errcode: 0,
    });
    const post = async (path: string, body: object) =>
      (await ask({ path, method: "POST", headers: JSON_BODY, body: JSON.stringify(body) })).json();
    const pair = { appKey: PAIR.appKey, appSecret: key };
    expect(await post("v1.0/oauth2/accessToken", pair)).toEqual({
      accessToken: expect.stringMatching(/^dl_/),
      expireIn: 7_200,
    });
    const client = { client_id: PAIR.appKey, client_secret: key, grant_type: "client_credentials" };
    expect(await post("v1.0/oauth2/dingcorp/token", client)).toEqual({
      access_token: expect.stringMatching(/^dl_/),
      expires_in: 7_200,
    });
    const suite = { suiteKey: PAIR.appKey, suiteSecret: key, authCorpId: "dingcorp", suiteTicket: "old" };
    expect(await post("v1.0/oauth2/corpAccessToken", suite)).toEqual({
      accessToken: expect.stringMatching(/^dl_/),
      expireIn: 7_200,
    });
  });

  test("issues a lease token for the customer whose CorpId a third-party app's client sends", async () => {
    const { ask, organization, key, app } = await lease();
    const { organizationId } = organization;
    await inOrganization({ organizationId }, (tx) =>
      tx.dingtalkApp.update({
        where: { organizationId_id: { organizationId, id: app.appId } },
        data: { corpId: "dingcustomer" },
      }),
    );
    const tokenOf = async (authCorpId: string, suiteSecret: string) => {
      const body = JSON.stringify({ suiteKey: PAIR.appKey, suiteSecret, authCorpId, suiteTicket: "old" });
      const request = { path: "v1.0/oauth2/corpAccessToken", method: "POST", headers: JSON_BODY, body };
      return (await (await ask(request)).json()) as { accessToken?: string; code?: string };
    };
    const { accessToken = "" } = await tokenOf("dingcustomer", key);
    expect(readLeaseToken(accessToken, Date.now())).toMatchObject({ appId: app.appId });
    expect(await tokenOf("dingother", key)).toMatchObject({ code: "invalidClientIdOrSecret" });
    expect(await tokenOf("dingcustomer", "the suite's own secret")).toMatchObject({
      code: "invalidClientIdOrSecret",
    });
  });

  test("accepts a lease token in the query and in the header, and replaces it with the app's token", async () => {
    const { ask, token, upstream } = await lease();
    await ask({ path: `user/get?userid=1&access_token=${token}&x=1` });
    await ask({ path: `user/get?Access%5FToken=x&access_token=${token}` });
    await ask({ path: "v1.0/x", headers: { "x-acs-dingtalk-access-token": token } });
    await ask({ path: `v1.0/x?access_token=${token}` });
    const received = upstream.received();
    expect(received.map(({ url }) => url)).toEqual([
      "/user/get?access_token=real-token-1&userid=1&x=1",
      "/v1.0/x",
      "/v1.0/x",
    ]);
    expect(received.slice(1).map(({ headers }) => headers["x-acs-dingtalk-access-token"])).toEqual([
      "real-token-1",
      "real-token-1",
    ]);
    expect(JSON.stringify(received), "the lease token is not sent").not.toContain(token);
  });

  test("a lease token ends with its key, and then gets DingTalk's answer to an invalid token", async () => {
    const { ask, token, upstream, revoke } = await lease();
    const call = () => ask({ path: `user/get?access_token=${token}` });
    expect((await call()).status).toBe(200);
    await revoke();
    await expect.poll(async () => (await call()).json()).toMatchObject({ errcode: 40014 });
    expect(await countConnectionsOf(call), "a deleted key is looked up once").toBe(0);
    const received = upstream.received().length;
    expect((await call()).status).toBe(200);
    const api = await ask({ path: "v1.0/x", headers: { "x-acs-dingtalk-access-token": token } });
    expect({ status: api.status, body: await api.json() }).toMatchObject({
      status: 400,
      body: { code: "InvalidAuthentication" },
    });
    expect(upstream.received()).toHaveLength(received);
  });

  test("a lease token ends when its key loses access to the app", async () => {
    const { ask, token, organization, keyId, upstream } = await lease();
    const { organizationId } = organization;
    await inOrganization({ organizationId }, (tx) =>
      tx.apiKey.update({
        where: { organizationId_id: { organizationId, id: keyId } },
        data: { isForAllApps: false, appIds: [] },
      }),
    );
    expect(await (await ask({ path: `user/get?access_token=${token}` })).json()).toMatchObject({
      errcode: 40014,
    });
    expect(upstream.received()).toEqual([]);
  });

  test("issues no lease token for a wrong key, another organization's app or a key without a gateway scope", async () => {
    const { ask, key, organization } = await lease();
    const get = async (appkey: string, appsecret: string) =>
      (await ask({ path: `gettoken?${new URLSearchParams({ appkey, appsecret })}` })).json();
    expect(await get(PAIR.appKey, "gateway-test-secret-MARKED")).toMatchObject({ errcode: 40089 });
    expect(await get("dingother00000000000", key)).toMatchObject({ errcode: 40089 });
    const elsewhere = await makeGatewayApp({ ...PAIR, appKey: "dingelsewhere0000000" });
    expect(await get(PAIR.appKey, elsewhere.key)).toMatchObject({ errcode: 40089 });
    const second = await makeApp({ ...PAIR, appKey: "dinglease00000000002" }, organization);
    const narrow = await makeGatewayKey(organization, { appIds: [second.appId] });
    expect(await get(PAIR.appKey, narrow.key), "the key may not use the app").toMatchObject({
      errcode: 40089,
    });
    const other = await makeGatewayKey(organization, { scopes: ["token:read"] });
    expect(await get(PAIR.appKey, other.key)).toMatchObject({ errcode: 60011 });
    const wrong = await ask({
      path: "v1.0/oauth2/accessToken",
      method: "POST",
      headers: JSON_BODY,
      body: "{}",
    });
    expect({ status: wrong.status, body: await wrong.json() }).toMatchObject({
      status: 400,
      body: { code: "invalidClientIdOrSecret", message: expect.any(String), requestid: expect.any(String) },
    });
  });
});

test("a call without a valid lease token is not sent, and gets DingTalk's answer to an invalid token", async () => {
  const upstream = await startUpstream({});
  const { ask } = gatewayOn(upstream.dingtalk);
  for (const path of ["user/get", "user/get?access_token=", "user/get?access_token=real-token-1"]) {
    expect(await (await ask({ path })).json(), path).toMatchObject({
      errcode: 40014,
      code: "unauthenticated",
    });
  }
  for (const headers of [
    {},
    { "x-acs-dingtalk-access-token": "real-token-1" },
    { authorization: "Basic x" },
  ]) {
    const answer = await ask({ path: "v1.0/x", headers });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 400,
      body: { code: "InvalidAuthentication" },
    });
  }
  expect({ received: upstream.received(), tokens: upstream.tokens() }).toEqual({ received: [], tokens: 0 });
});

test("readLeaseToken rejects expired tokens and tokens with any changed character", () => {
  const holder = {
    organizationId: "018f0000-0000-7000-8000-000000000001",
    keyId: "018f0000-0000-7000-8000-000000000002",
    appId: "018f0000-0000-7000-8000-000000000003",
  };
  const text = makeLeaseToken(holder, 0).reveal();
  expect(readLeaseToken(text, LEASE_SECONDS * 1_000 - 1)).toEqual(holder);
  expect(readLeaseToken(text, LEASE_SECONDS * 1_000)).toBeNull();
  for (let at = 0; at < text.length; at += 1) {
    const changed = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
    expect(readLeaseToken(changed, 0), `${at}`).toBeNull();
  }
  for (const other of ["", "dl_", `${text}A`, text.slice(0, -1), text.toUpperCase()]) {
    expect(readLeaseToken(other, 0)).toBeNull();
  }
});
