import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  DEFAULT_APP_KEY,
  DEFAULT_APP_SECRET,
  DEFAULT_CORP_ID,
  DEFAULT_SUITE_KEY,
  DEFAULT_SUITE_SECRET,
  DEFAULT_SUITE_TICKET,
} from "./start-simulator";
import { type OpenSimulator, openSimulator } from "./testing/open-simulator";

const NEW = "v1.0/oauth2/corpAccessToken";
const MINUTE_MS = 60_000;
const SUITE = {
  suiteKey: DEFAULT_SUITE_KEY,
  suiteSecret: DEFAULT_SUITE_SECRET,
  suiteTicket: DEFAULT_SUITE_TICKET,
  authCorpId: DEFAULT_CORP_ID,
};

type Signed = {
  timestamp?: string;
  signature?: string;
  accessKey?: string;
  ticket?: string;
  secret?: string;
};

/** Fetches a token from the legacy host, with the documented signature. */
async function askLegacy({ url, control }: OpenSimulator, corpId = DEFAULT_CORP_ID, given: Signed = {}) {
  const { ticket = DEFAULT_SUITE_TICKET, secret = DEFAULT_SUITE_SECRET } = given;
  const timestamp = given.timestamp ?? String(control.now());
  const signature = createHmac("sha256", secret).update(`${timestamp}\n${ticket}`).digest("base64");
  const query = new URLSearchParams({
    accessKey: given.accessKey ?? DEFAULT_SUITE_KEY,
    timestamp,
    suiteTicket: ticket,
    signature: given.signature ?? signature,
  });
  const response = await fetch(`${url}/service/get_corp_token?${query}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ auth_corpid: corpId }),
  });
  return {
    status: response.status,
    ...((await response.json()) as { errcode: number; access_token: string }),
  };
}

describe("v1.0/oauth2/corpAccessToken", () => {
  test("returns a new token each time, and the setting decides whether the previous one stays valid", async () => {
    const simulator = await openSimulator();
    const ask = async () => (await simulator.api(NEW, SUITE)).accessToken;
    const codeOf = async (token: string) => (await simulator.legacy("auth/scopes", {}, token)).errcode;
    const [first, second] = [await ask(), await ask()];
    expect(second).not.toBe(first);
    expect([await codeOf(first), await codeOf(second)]).toEqual([0, 0]);

    simulator.control.changeApp(DEFAULT_SUITE_KEY, { settings: { olderTokens: "dead" } });
    const third = await ask();
    expect([await codeOf(second), await codeOf(third)]).toEqual([40014, 0]);
  });

  test.each([
    ["a wrong secret", { suiteSecret: "no" }, "invalidSuiteKey"],
    [
      "an internal app's pair",
      { suiteKey: DEFAULT_APP_KEY, suiteSecret: DEFAULT_APP_SECRET },
      "invalidSuiteKey",
    ],
    ["a stale ticket", { suiteTicket: "an older one" }, "invalidSuiteTicket"],
    ["an organization that has not authorized the app", { authCorpId: "dingother" }, "invalidAuthInfo"],
  ])("corpAccessToken refuses %s with 400 and %j", async (_, change, code) => {
    const { api } = await openSimulator();
    expect(await api(NEW, { ...SUITE, ...change })).toMatchObject({ status: 400, code });
  });

  test("a withdrawn authorization blocks calls and token fetches until it is granted again", async () => {
    const simulator = await openSimulator();
    const { accessToken } = await simulator.api(NEW, SUITE);
    simulator.control.changeApp(DEFAULT_SUITE_KEY, { authorized: false });
    expect(await simulator.api(NEW, SUITE)).toMatchObject({ code: "invalidAuthInfo" });
    expect(await askLegacy(simulator)).toMatchObject({ errcode: 40079 });
    expect(await simulator.legacy("auth/scopes", {}, accessToken)).toMatchObject({ errcode: 41030 });
    simulator.control.changeApp(DEFAULT_SUITE_KEY, { authorized: true });
    expect(await simulator.api(NEW, SUITE)).toMatchObject({ status: 200 });
  });

  test("a token belongs to one customer, and each customer has separate limits", async () => {
    const simulator = await openSimulator({ limits: { suiteCorpApiPerSecond: 1 } });
    simulator.control.addOrganization({ corpId: "dingother", size: 5 });
    simulator.control.changeApp(DEFAULT_SUITE_KEY, { customers: ["dingother"] });
    const tokens = [DEFAULT_CORP_ID, "dingother"].map(
      async (authCorpId) => (await simulator.api(NEW, { ...SUITE, authCorpId })).accessToken,
    );
    const seen: string[] = [];
    for (const token of await Promise.all(tokens)) {
      const { result } = await simulator.topapi("v2/department/listsub", { dept_id: 1 }, token);
      seen.push(JSON.stringify(result.map(({ dept_id: id }) => id)));
      const again = await simulator.topapi("v2/department/listsub", { dept_id: 1 }, token);
      expect(again).toMatchObject({ sub_code: "90019" });
    }
    expect(new Set(seen).size).toBe(2);
  });
});

describe("service/get_corp_token", () => {
  test("get_corp_token returns a token for the documented signature", async () => {
    const simulator = await openSimulator();
    const { status, errcode, access_token: token } = await askLegacy(simulator);
    expect([status, errcode]).toEqual([200, 0]);
    expect(await simulator.legacy("auth/scopes", {}, token)).toMatchObject({ errcode: 0 });
  });

  test.each<[string, Signed, number]>([
    ["no signature", { signature: "" }, 853004],
    ["a signature with another secret", { secret: "no" }, 853004],
    ["a timestamp in words", { timestamp: "now" }, 853001],
    ["an unknown SuiteKey", { accessKey: "suiteother" }, 853003],
    ["a stale ticket", { ticket: "an older one" }, 853005],
  ])("get_corp_token refuses %s", async (_, given, errcode) => {
    expect(await askLegacy(await openSimulator(), DEFAULT_CORP_ID, given)).toMatchObject({
      status: 200,
      errcode,
    });
  });

  test("refuses a clock that is more than a minute off in either direction", async () => {
    const simulator = await openSimulator();
    const at = (offMs: number) =>
      askLegacy(simulator, DEFAULT_CORP_ID, { timestamp: String(simulator.control.now() + offMs) });
    expect(await at(MINUTE_MS)).toMatchObject({ errcode: 0 });
    for (const offMs of [MINUTE_MS + 1, -MINUTE_MS - 1]) {
      expect(await at(offMs)).toMatchObject({ errcode: 853002 });
    }
  });

  test("refuses an organization that has not authorized the app", async () => {
    expect(await askLegacy(await openSimulator(), "dingother")).toMatchObject({ errcode: 40079 });
  });
});
