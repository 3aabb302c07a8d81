import { expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { makeOrganization } from "@/lib/testing/factories";
import { closeUpstream, ourDingtalk } from "@/lib/upstream/dingtalk-connections";
import { startSimulator } from "@/simulator/start-simulator";
import { tryConnection } from "./connect-app";

test("S30 hanging tests of eight organizations and 50 hanging calls don't block another's test", async () => {
  const simulator = await startSimulator();
  const { control, url } = simulator;
  Object.assign(process.env, { DINGTALK_OAPI_URL: url, DINGTALK_API_URL: url });
  const { corpId } = control.listApps()[0] ?? { corpId: "" };
  const testEach = async (appKeys: readonly string[]) => {
    const { owner } = await makeOrganization();
    return appKeys.map((appKey) => {
      control.addApp({ appKey, appSecret: "secret", corpId });
      return tryConnection(grant(owner, "app.connect"), { appKey, appSecret: "secret" }, "203.0.113.1");
    });
  };
  control.addFault({ path: "gettoken", fault: { kind: "hang" } });
  const { dispatcher } = ourDingtalk();
  const ask = () => dispatcher.request({ origin: url, path: "/gettoken", method: "GET" });
  const held: Promise<unknown>[] = Array.from({ length: 50 }, ask);

  const silent = Array.from({ length: 8 }, (_, of) => [0, 1, 2].map((nth) => `dingsilent${of}of${nth}`));
  for (const appKey of silent.flat()) control.addFault({ appKey, fault: { kind: "hang" } });
  for (const appKeys of silent) held.push(...(await testEach(appKeys)));
  const callsOfEach = () =>
    silent.map((appKeys) => appKeys.map((appKey) => control.readCalls({ appKey }).total).toSorted());
  const twoOfEach = silent.map(() => [0, 1, 1]);
  const ended = Promise.allSettled(held);
  try {
    await expect.poll(callsOfEach).toEqual(twoOfEach);
    await expect.poll(() => control.readCalls({ path: "gettoken" }).total).toBe(50);
    const [answer] = await Promise.all(await testEach(["dingother"]));
    expect(answer).toMatchObject({ ok: true, value: { isPassed: true } });
    expect(callsOfEach()).toEqual(twoOfEach);
  } finally {
    // Ends the hanging calls
    await simulator.close();
    await ended;
    await closeUpstream();
  }
});
