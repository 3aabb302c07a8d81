import { expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { assertMayBegin, type GatewayCall, onBegin, onCall, reportCall } from "./report";

const call: GatewayCall = {
  organizationId: "o",
  appId: "a",
  keyId: "k",
  at: new Date(0),
  method: "GET",
  path: "topapi/v2/user/get",
  host: "oapi",
  status: 200,
  errcode: "0",
  attempts: 1,
  throttles: 0,
  ms: 3,
  bytesIn: 0,
  bytesOut: 20,
  requestId: "r1",
  outcome: "ok",
};

test("a listener that is registered twice gets each call once", () => {
  const received: GatewayCall[] = [];
  const listen = (one: GatewayCall) => void received.push(one);
  onCall(listen);
  onCall(listen);
  reportCall(call);
  expect(received).toEqual([call]);
});

test("a failing check prevents a call", async () => {
  await assertMayBegin(call);
  onBegin(({ path }) => {
    if (path.endsWith("get")) throw new AppError("rate_limited", "used up");
  });
  await expect(assertMayBegin(call)).rejects.toMatchObject({ code: "rate_limited" });
  await assertMayBegin({ ...call, path: "topapi/v2/user/list" });
});
