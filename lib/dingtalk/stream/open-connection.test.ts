import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import { makeDingtalk, refusalOf } from "../test-support/make-dingtalk";
import { startHost } from "../test-support/servers";
import { openConnection } from "./open-connection";

const { signal } = new AbortController();
const APP = {
  appKey: "dingkey",
  appSecret: new Redacted("MARKED-SECRET"),
  limiterId: "dingkey",
  callsPerSecond: 20,
};

test("the ticket is quoted in the address, and printed nowhere", async () => {
  const ticket = "a+b/c=&d";
  const json = (port: string) => ({ endpoint: `ws://127.0.0.1:${port}/connect`, ticket });
  const host = await startHost((_, response) => response.end(JSON.stringify(json("4000"))));
  const opening = await openConnection(makeDingtalk({ url: host.url }).dingtalk, APP, signal);
  expect(opening.host).toBe("127.0.0.1:4000");
  expect(opening.url.reveal()).toBe("ws://127.0.0.1:4000/connect?ticket=a%2Bb%2Fc%3D%26d");
  expect(inspect(opening)).not.toContain("a%2Bb");
  expect(host.received).toMatchObject([
    {
      method: "POST",
      url: "/v1.0/gateway/connections/open",
      headers: { accept: "application/json", "content-type": "application/json" },
    },
  ]);
  expect(JSON.parse(host.received[0]?.body ?? "")).toEqual({
    clientId: "dingkey",
    clientSecret: "MARKED-SECRET",
    subscriptions: [{ type: "EVENT", topic: "*" }],
    ua: "dingkeep",
  });
});

test("S31 an address outside of DingTalk is refused, without its ticket in the error", async () => {
  const json = { endpoint: "ws://127.0.0.2:4000/connect", ticket: "MARKED-TICKET" };
  const { url } = await startHost({ json });
  const error = await refusalOf(openConnection(makeDingtalk({ url }).dingtalk, APP, signal));
  expect(error).toMatchObject({ kind: "wrong_host", upstream: { host: "127.0.0.2:4000" } });
  expect(inspect(error, { depth: 9 })).not.toContain("MARKED");
});

test.each([{}, { endpoint: "ws://127.0.0.1/connect" }, { ticket: "t" }])(
  "the incomplete answer %j is an error of DingTalk",
  async (json) => {
    const { url } = await startHost({ json });
    const { dingtalk } = makeDingtalk({ url, triesMax: 1 });
    expect(await refusalOf(openConnection(dingtalk, APP, signal))).toMatchObject({ kind: "wrong_host" });
  },
);
