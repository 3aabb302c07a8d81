import { describe, expect, test } from "vitest";
import { DEFAULT_APP_KEY, DEFAULT_APP_SECRET, DEFAULT_CORP_ID } from "./start-simulator";
import { alicloudClients, nodeDingtalk } from "./testing/dingtalk-clients";
import { openSimulator } from "./testing/open-simulator";

const HOUR_MS = 3_600_000;

describe("JSAPI tickets", () => {
  test("an app's JSAPI tickets are equal on both hosts, with DingTalk's own clients", async () => {
    const simulator = await openSimulator();
    const token = await simulator.fetchToken();
    const { body } = await alicloudClients(simulator.url).createJsapiTicket(token);
    const legacy = { host: simulator.url, corpid: DEFAULT_CORP_ID, corpsecret: DEFAULT_APP_SECRET };

    expect(body).toMatchObject({ jsapiTicket: expect.stringMatching(/^[\w-]{50,}$/), expireIn: 7_200 });
    expect(await nodeDingtalk(legacy).client.getJSApiTicket()).toBe(body.jsapiTicket);
  });

  test("JSAPI tickets require an app's token, and have no other type", async () => {
    const simulator = await openSimulator();
    const token = await simulator.fetchToken();

    expect(await simulator.read("get_jsapi_ticket")).toMatchObject({ errcode: 41001 });
    expect(await simulator.read(`get_jsapi_ticket?access_token=${token}&type=card`)).toMatchObject({
      errcode: 40035,
    });
  });

  test("a JSAPI ticket stays the same with an extended lifetime, but ends a day after its creation", async () => {
    const simulator = await openSimulator();
    const fetchTicket = async () =>
      simulator.read(`get_jsapi_ticket?access_token=${await simulator.fetchToken()}`);
    const first = await fetchTicket();
    for (let hour = 1; hour < 23; hour += 1) {
      simulator.control.advanceClock(HOUR_MS);
      expect(await fetchTicket()).toEqual(first);
    }
    simulator.control.advanceClock(HOUR_MS);
    expect(await fetchTicket()).toEqual({ ...first, expires_in: 3_600 });
    simulator.control.advanceClock(HOUR_MS);

    expect((await fetchTicket()).ticket).not.toBe(first.ticket);
  });

  test.each([
    ["the same JSAPI ticket with its remaining lifetime", "remaining", true, 3_600],
    ["a new JSAPI ticket", "new", false, 7_200],
  ] as const)(
    "returns %s when asked again, depending on the setting",
    async (_, repeatedFetch, isSame, lifetime) => {
      const simulator = await openSimulator();
      simulator.control.changeApp(DEFAULT_APP_KEY, { settings: { repeatedFetch } });
      const fetchTicket = async () =>
        simulator.read(`get_jsapi_ticket?access_token=${await simulator.fetchToken()}`);
      const first = await fetchTicket();
      simulator.control.advanceClock(HOUR_MS);
      const second = await fetchTicket();

      expect(second.expires_in).toBe(lifetime);
      expect(second.ticket === first.ticket).toBe(isSame);
    },
  );
});
