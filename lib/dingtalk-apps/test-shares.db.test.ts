import { expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { makeOrganization } from "@/lib/testing/factories";
import { startSimulator } from "@/simulator/start-simulator";
import { tryConnection } from "./commands";

test("S30 one organization's tests of a DingTalk that doesn't answer leave places for another organization's test", async () => {
  const simulator = await startSimulator();
  const { control } = simulator;
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
  const { corpId } = control.listApps()[0] ?? { corpId: "" };
  const testEach = async (appKeys: readonly string[]) => {
    const { owner } = await makeOrganization();
    return appKeys.map((appKey) => {
      control.addApp({ appKey, appSecret: "secret", corpId });
      return tryConnection(grant(owner, "app.connect"), { appKey, appSecret: "secret" }, "203.0.113.1");
    });
  };
  const silent = ["dingsilent1", "dingsilent2", "dingsilent3", "dingsilent4"];
  for (const appKey of silent) control.addFault({ appKey, fault: { kind: "hang" } });
  const held = Promise.allSettled(await testEach(silent));
  const callsOfEach = () => silent.map((appKey) => control.readCalls({ appKey }).total).toSorted();
  try {
    await expect.poll(callsOfEach).toEqual([0, 0, 1, 1]);
    const [answer] = await Promise.all(await testEach(["dingother"]));
    expect(answer).toMatchObject({ ok: true, value: { isPassed: true } });
    expect(callsOfEach()).toEqual([0, 0, 1, 1]);
  } finally {
    // Ends the tests that still wait for an answer
    await simulator.close();
    await held;
  }
});
