import { spawnSync } from "node:child_process";
import { request as send } from "node:http";
import { alicloudClients, nodeDingtalk } from "@/simulator/testing/dingtalk-clients";
import { makeApiKey } from "./support/api-key";
import { expect, makePerson, test } from "./support/fixtures";
import { makeSimulatedApp } from "./support/own-app";
import { plantPerson } from "./support/plant-person";
import { allowOlderApi, callsOf, e2eRun, revokeTokens } from "./support/simulator";
import { connectAndSync } from "./support/synced-app";

const SCOPES = ["gateway:read", "gateway:write"] as const;
const python = spawnSync("python3", ["--version"]).status === 0;

/** Connects an app of the simulator and makes a key for the gateway. */
async function connected(page: Parameters<typeof plantPerson>[0], baseURL: string | undefined) {
  const organization = await plantPerson(page, makePerson());
  const pair = await makeSimulatedApp();
  await allowOlderApi(pair.appKey);
  // The sync's calls would be counted with the test's own.
  await connectAndSync(page, organization, pair);
  const key = await makeApiKey(page, organization, "gateway", SCOPES);
  return { organization, pair, key, gateway: `${baseURL}/dingtalk`, direct: e2eRun().simulatorUrl };
}

test.describe("client libraries of DingTalk with another host and secret", () => {
  test("@alicloud/dingtalk works through the gateway, also after its token has expired", async ({
    page,
    baseURL,
  }) => {
    const { pair, key, gateway, direct } = await connected(page, baseURL);
    const search = async (url: string, appSecret: string) => {
      const client = alicloudClients(url);
      const { body } = await client.getAccessToken({ appKey: pair.appKey, appSecret });
      expect(body.expireIn).toBe(7200);
      const find = () => client.searchDepartment({ queryWord: "部", offset: 0, size: 5 }, body.accessToken);
      const found = await find();
      await revokeTokens(pair.appKey);
      return { found: found.body, find };
    };
    const there = await search(direct, pair.appSecret);
    const here = await search(gateway, key);
    expect(here.found).toEqual(there.found);
    expect(here.found.list.length).toBeGreaterThan(0);
    await expect(there.find(), "DingTalk's own token was revoked").rejects.toMatchObject({
      code: "InvalidAuthentication",
    });
    expect((await here.find()).body, "the lease still works, because its token is renewed").toEqual(
      here.found,
    );
    const wrong = alicloudClients(gateway).getAccessToken({ appKey: pair.appKey, appSecret: pair.appSecret });
    await expect(wrong, "the gateway refuses the app's secret").rejects.toMatchObject({
      code: "invalidClientIdOrSecret",
      statusCode: 400,
    });
  });

  test("node-dingtalk works through the gateway", async ({ page, baseURL }) => {
    const { pair, key, gateway, direct } = await connected(page, baseURL);
    const list = async (host: string, corpsecret: string) => {
      const client = nodeDingtalk({ host, corpid: pair.appKey, corpsecret });
      const { department } = await client.department.list();
      const { userid } = (await client.user.get("manager0001")) ?? {};
      return { department, userid, none: await client.department.get(999) };
    };
    const here = await list(gateway, key);
    expect(here).toEqual(await list(direct, pair.appSecret));
    expect(here.department.length).toBeGreaterThan(10);
  });

  test("the tutorial's Python program works through the gateway", async ({ page, baseURL }) => {
    test.skip(!python, "python3 is not installed");
    const { pair, key, gateway, direct } = await connected(page, baseURL);
    const run = (host: string, secret: string) => {
      const { stdout, stderr, status } = spawnSync(
        "python3",
        ["e2e/support/list-departments.py", host, pair.appKey, secret],
        { encoding: "utf8", env: { ...process.env, PYTHONUTF8: "1", no_proxy: "*" } },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      return JSON.parse(stdout) as string[];
    };
    const here = run(gateway, key);
    expect(here).toEqual(run(direct, pair.appSecret));
    expect(here.length).toBeGreaterThan(10);
  });
});

/** Sends a path unchanged; fetch would normalize it. */
function sendRaw(
  baseURL: string | undefined,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(baseURL ?? "");
  return new Promise((resolve, reject) => {
    send({ hostname, port, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end();
  });
}

test("S27 a path reaches DingTalk unchanged or not at all", async ({ page, baseURL }) => {
  const { pair, key } = await connected(page, baseURL);
  const headers = { authorization: `Bearer ${key}` };
  const paths = async () => (await callsOf(pair.appKey)).map(({ path }) => path);
  for (const path of ["user/get/", "user/a%20b", "v1.0/contact/users/x/"]) {
    expect((await sendRaw(baseURL, `/dingtalk/${path}?x=%2f`, headers)).status, path).not.toBe(308);
    expect(await paths(), path).toContain(path);
  }
  const before = (await paths()).length;
  for (const path of [
    "%2f%2fevil.example/x",
    "/evil.example/x",
    "..%2fx",
    "user//get",
    "a%5cb",
    "%2e%2e/_control/apps",
  ]) {
    const { status, text } = await sendRaw(baseURL, `/dingtalk/${path}`, headers);
    expect({ status, code: JSON.parse(text).code }, path).toEqual({ status: 400, code: "path_malformed" });
  }
  expect(await paths()).toHaveLength(before);
});

test("a revoked key's lease is refused within a second", async ({ page, baseURL, request }) => {
  const { organization, pair, key, gateway } = await connected(page, baseURL);
  const client = alicloudClients(gateway);
  const { body } = await client.getAccessToken({ appKey: pair.appKey, appSecret: key });
  const call = async () =>
    (await request.get(`${gateway}/department/list?access_token=${body.accessToken}`)).json();
  expect(await call()).toMatchObject({ errcode: 0 });
  await page.goto(`${organization}/api-keys`);
  await page.getByRole("button", { name: "Revoke gateway" }).click();
  await page.getByRole("button", { name: "Revoke", exact: true }).last().click();
  await expect.poll(async () => (await call()).errcode).toBe(40014);
});
