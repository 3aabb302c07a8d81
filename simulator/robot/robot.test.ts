import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openSimulator } from "../testing/open-simulator";

const ROBOT = { accessToken: "robot-token", secret: "SEC000000000000000000000" };
const TEXT = { msgtype: "text", text: { content: "部门已改名" } };
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

type Sent = { readonly at?: number; readonly secret?: string; readonly accessToken?: string };

/** Starts a simulator with a robot. */
async function openRobot(more: { keywords?: string[] } = {}) {
  const simulator = await openSimulator();
  const { control, sendJson } = simulator;
  control.addRobot({ ...ROBOT, ...more });
  return {
    ...simulator,
    /** Sends a message with the documented signature. */
    async send(message: unknown = TEXT, { at = control.now(), ...given }: Sent = {}) {
      const { secret, accessToken } = { ...ROBOT, ...given };
      const sign = createHmac("sha256", secret).update(`${at}\n${secret}`).digest("base64");
      const query = new URLSearchParams({ access_token: accessToken, timestamp: String(at), sign });
      return (await sendJson(`robot/send?${query}`, message)).json();
    },
  };
}

describe("robot/send", () => {
  test("accepts the published signature, and lists the message", async () => {
    const { control, sendJson } = await openSimulator();
    control.addRobot(ROBOT);
    control.advanceClock(1_700_000_000_000 - control.now());
    const sign = "1zJ%2Fw34EOSVAYr7cu7Vo8LnebmK2%2FGrCgegtr8mQrqM%3D";
    const path = `robot/send?access_token=robot-token&timestamp=1700000000000&sign=${sign}`;
    const response = await sendJson(path, TEXT);

    expect(await response.json()).toEqual({ errcode: 0, errmsg: "ok" });
    expect(control.listRobotMessages("robot-token")).toEqual([
      { accessToken: "robot-token", at: 1_700_000_000_000, msgtype: "text", body: TEXT },
    ]);
  });

  test.each<[string, unknown, Sent, number]>([
    ["a wrong secret", TEXT, { secret: "SEC1" }, 310000],
    ["an unknown robot", TEXT, { accessToken: "another" }, 300001],
    ["a message without content", { msgtype: "text", text: {} }, {}, 40035],
    ["a markdown message without a title", { msgtype: "markdown", markdown: { text: "a" } }, {}, 40035],
    ["an unknown type of message", { msgtype: "nonsense" }, {}, 40035],
  ])("refuses %s", async (_, message, sent, errcode) => {
    const { control, send } = await openRobot();

    expect(await send(message, sent)).toMatchObject({ errcode });
    expect(control.listRobotMessages()).toEqual([]);
  });

  test("refuses a clock that is more than an hour off in either direction", async () => {
    const { control, send } = await openRobot();
    for (const at of [control.now() - HOUR_MS, control.now() + HOUR_MS]) {
      expect(await send(TEXT, { at })).toMatchObject({ errcode: 0 });
    }
    for (const at of [control.now() - HOUR_MS - 1, control.now() + HOUR_MS + 1]) {
      expect(await send(TEXT, { at })).toMatchObject({ errcode: 310000, errmsg: "invalid timestamp" });
    }
  });

  test("refuses a signature that was encoded twice", async () => {
    const { control, sendJson } = await openRobot();
    const timestamp = String(control.now());
    const sign = createHmac("sha256", ROBOT.secret).update(`${timestamp}\n${ROBOT.secret}`).digest("base64");
    const query = new URLSearchParams({
      access_token: ROBOT.accessToken,
      timestamp,
      sign: encodeURIComponent(sign),
    });
    const response = await sendJson(`robot/send?${query}`, TEXT);

    expect(await response.json()).toMatchObject({ errcode: 310000, errmsg: "sign not match" });
  });

  test("refuses a message without one of the robot's keywords", async () => {
    const { send } = await openRobot({ keywords: ["改名"] });
    expect(await send()).toMatchObject({ errcode: 0 });
    expect(await send({ msgtype: "text", text: { content: "hello" } })).toMatchObject({ errcode: 310000 });
  });

  test("a robot without a secret needs no signature", async () => {
    const { control, sendJson } = await openSimulator();
    control.addRobot({ accessToken: "open", secret: null });
    const response = await sendJson("robot/send?access_token=open", TEXT);

    expect(await response.json()).toMatchObject({ errcode: 0 });
  });

  test("the 21st message of a minute is refused, and the robot is blocked for 10 minutes", async () => {
    const { control, send } = await openRobot();
    for (let count = 0; count < 20; count += 1) expect(await send()).toMatchObject({ errcode: 0 });
    expect(await send()).toMatchObject({ errcode: 130101, errmsg: expect.stringContaining("send too fast") });
    control.advanceClock(10 * MINUTE_MS - 1);
    expect(await send()).toMatchObject({ errcode: 130101 });
    control.advanceClock(1);

    expect(await send()).toMatchObject({ errcode: 0 });
    expect(control.listRobotMessages()).toHaveLength(21);
  });

  test("20 messages in each minute are accepted", async () => {
    const { control, send } = await openRobot();
    for (let minute = 0; minute < 3; minute += 1) {
      for (let count = 0; count < 20; count += 1) expect(await send()).toMatchObject({ errcode: 0 });
      control.advanceClock(MINUTE_MS);
    }
  });

  test("robots can be added, listed and removed over HTTP, and read with their messages", async () => {
    const { controlHttp, send, control } = await openRobot();
    await controlHttp("POST", "robots", { accessToken: "second", secret: null });
    await send();
    const messages = await controlHttp("GET", `robots/${ROBOT.accessToken}/messages`);
    await controlHttp("DELETE", "robots/second");

    expect(messages.body).toMatchObject([{ msgtype: "text", body: TEXT }]);
    expect(control.listRobots().map(({ accessToken }) => accessToken)).toEqual(["robot-token"]);
    expect((await controlHttp("DELETE", "robots/second")).status).toBe(409);
  });

  test("a reset restores the robots of the start", async () => {
    const { control } = await openSimulator({ robots: [ROBOT] });
    control.removeRobot(ROBOT.accessToken);
    control.addRobot({ accessToken: "second", secret: null });
    control.reset();

    expect(control.listRobots()).toEqual([{ ...ROBOT, keywords: [] }]);
  });
});
