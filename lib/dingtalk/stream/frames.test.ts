import { describe, expect, test } from "vitest";
import { answerTo, parseFrame, pong } from "./frames";

const frame = (type: string, headers: object, data = "{}") =>
  parseFrame(JSON.stringify({ specVersion: "1.0", type, headers: { messageId: "m-1", ...headers }, data }));

describe("parseFrame", () => {
  test("reads a ping and a disconnect", () => {
    expect(frame("SYSTEM", { topic: "ping" }, '{"opaque":"o"}')).toEqual({
      kind: "ping",
      messageId: "m-1",
      data: '{"opaque":"o"}',
    });
    expect(frame("SYSTEM", { topic: "disconnect" }, '{"reason":"r"}')).toEqual({ kind: "disconnect" });
  });

  test("reads an event, whatever its topic is", () => {
    const headers = {
      topic: "dingTalk",
      time: "1663143335567",
      eventType: "user_add_org",
      eventId: "e-1",
      eventCorpId: "dingcorp",
      eventBornTime: "1663143335000",
    };
    expect(frame("EVENT", headers, '{"userId":["u1","u2"],"timeStamp":"1663143335000"}')).toMatchObject({
      kind: "event",
      messageId: "m-1",
      sentAtMs: 1_663_143_335_567,
      event: {
        type: "user_add_org",
        corpId: "dingcorp",
        dedupeKey: "e-1",
        bornAtMs: 1_663_143_335_000,
        userIds: ["u1", "u2"],
      },
    });
  });

  test.each([
    ["an event whose data is no object", "EVENT", { topic: "*", eventType: "x" }, "[]", "malformed"],
    ["an event without a type", "EVENT", { topic: "*" }, "{}", "malformed"],
    ["a callback", "CALLBACK", { topic: "/v1.0/im/bot/messages/get" }, "{}", "unknown"],
    ["another system frame", "SYSTEM", { topic: "REGISTERED" }, "{}", "ignored"],
  ])("reads %s as %5$s", (_, type, headers, data, kind) => {
    expect(frame(type, headers, data)).toMatchObject({ kind });
  });

  test.each(["", "no json", "[]", "{}", '{"headers":{}}', '{"type":"EVENT","headers":{"topic":"*"}}'])(
    "ignores the text %j",
    (text) => {
      expect(parseFrame(text)).toEqual({ kind: "ignored" });
    },
  );
});

test.each([
  ["stored", 200, { status: "SUCCESS" }],
  ["later", 200, { status: "LATER" }],
  ["malformed", 400, {}],
  ["unknown", 404, {}],
] as const)("answers %s with code %i", (answer, code, data) => {
  expect(JSON.parse(answerTo("m-1", answer))).toMatchObject({
    code,
    headers: { messageId: "m-1", contentType: "application/json" },
    data: JSON.stringify(data),
  });
});

test("answers a ping with its data", () => {
  expect(JSON.parse(pong("m-1", '{"opaque":"o"}'))).toMatchObject({
    code: 200,
    headers: { messageId: "m-1" },
    data: '{"opaque":"o"}',
  });
});
