import { expect, test } from "vitest";
import { getScopes } from "./contact-scope";
import { makeCaller, makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { cutOff, no, yes } from "./test-support/scopes-host";
import { startHost } from "./test-support/servers";

test.each([
  ["a fault", cutOff, "unreachable"],
  ["a throttle", no(90002), "throttled"],
])("does not repeat a call with one allowed try after %s", async (_, reply, kind) => {
  const host = await startHost(reply, yes);
  const { dingtalk, waitsMs } = makeDingtalk({ url: host.url, triesMax: 1 });
  const refused = await refusalOf(getScopes(dingtalk, makeCaller().caller));

  expect(refused).toMatchObject({ kind });
  expect(host.received).toHaveLength(1);
  expect(waitsMs).toEqual([]);
});
