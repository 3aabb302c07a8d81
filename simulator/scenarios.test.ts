import { describe, expect, onTestFinished, test } from "vitest";
import { startSimulator } from "./start-simulator";
import { openReceiver } from "./testing/callback-receiver";

const APP = { appKey: "dingscenario000001", appSecret: "scenario-test-secret", corpId: "dingscenario" };

async function open(size = 60) {
  const simulator = await startSimulator({
    organizations: [{ corpId: APP.corpId, size, name: "Tests <b>&" }],
    apps: [APP],
  });
  onTestFinished(() => simulator.close());
  const { url, control } = simulator;
  const press = (name: string) =>
    fetch(`${url}/_control/scenarios/${name}`, { method: "POST", redirect: "manual" });
  const token = async (secret = APP.appSecret) => {
    const answer = await fetch(`${url}/gettoken?appkey=${APP.appKey}&appsecret=${secret}`);
    return (await answer.json()) as { errcode?: number; status?: number };
  };
  const names = () => control.listDepartments(APP.corpId).map(({ name }) => name);
  return { ...simulator, press, token, names };
}

test("the page has a button for each scenario, and escapes names", async () => {
  const { url } = await open();
  const answer = await fetch(`${url}/_control`);
  const text = await answer.text();

  expect(answer.headers.get("content-type")).toContain("text/html");
  expect(text.match(/<form method="post" action="\/_control\/scenarios\//g)).toHaveLength(7);
  expect(text).toContain("Tests &#60;b&#62;&#38;: 61 departments");
});

test("pressing a button leads back to the page, which shows the event", async () => {
  const { url, press, names } = await open();
  const before = names();
  const pressed = await press("rename");

  expect([pressed.status, pressed.headers.get("location")]).toEqual([303, "/_control"]);
  expect(names().filter((name) => !before.includes(name))).toHaveLength(1);
  expect(await (await fetch(`${url}/_control`)).text()).toMatch(/<\/time> Renamed /);
});

test("a removed department exceeds what a sync removes without approval", async () => {
  const { press, names } = await open(3_000);
  const before = names().length;
  await press("remove_department");

  // By default, a sync that removes more than 50 departments is held.
  expect(before - names().length).toBeGreaterThan(50);
});

test.each([
  ["throttle", async ({ control }) => control.readLimits().appApiPerSecond === 2],
  ["ban", async ({ token }) => (await token()).status === 1111],
  ["wrong_secret", async ({ token }) => (await token()).errcode !== 0],
  ["half_answer", async ({ control }) => control.listFaults().length === 1],
] satisfies [string, (opened: Awaited<ReturnType<typeof open>>) => Promise<boolean>][])(
  "the scenario %s lasts until the reset",
  async (scenario, isOn) => {
    const opened = await open();
    expect(await isOn(opened)).toBe(false);
    await opened.press(scenario);
    expect(await isOn(opened)).toBe(true);
    await opened.press("recover");

    expect(await isOn(opened)).toBe(false);
    expect(await opened.token()).toMatchObject({ errcode: 0 });
  },
);

describe("the form of the event subscription", () => {
  async function submit(url: string, fields: Record<string, string>) {
    const body = new URLSearchParams({ appKey: APP.appKey, shape: "current", ...fields });
    const answer = await fetch(`${url}/_control/subscription`, { method: "POST", body, redirect: "manual" });
    return { status: answer.status, page: await (await fetch(`${url}/_control`)).text() };
  }

  test("saves an address that passes the check, and the page shows the pushes to it", async () => {
    const { url, control, press } = await open();
    const { url: address, token, aesKey } = await openReceiver();
    const { status, page } = await submit(url, { url: address, token, aesKey });
    await press("rename");
    await control.settleEvents();

    expect(status).toBe(303);
    expect(page).toContain("Verified and saved the callback URL of dingscenario000001");
    const later = await (await fetch(`${url}/_control`)).text();
    expect(later).toContain("org_dept_modify to dingscenario000001, delivered, attempts: 1");
    expect(later).not.toContain(aesKey);
  });

  test("shows why an address failed the check, and saves nothing", async () => {
    const { url, control } = await open();
    const { url: address, token, aesKey } = await openReceiver(() => ({ status: 404, body: "" }));
    const { page } = await submit(url, { url: address, token, aesKey });

    expect(page).toContain("was not saved: status, HTTP 404");
    expect(control.findSubscription(APP.appKey)).toBeNull();
  });

  test("chooses stream mode", async () => {
    const { url, control } = await open();
    const body = new URLSearchParams({ appKey: APP.appKey });
    await fetch(`${url}/_control/stream-subscription`, { method: "POST", body, redirect: "manual" });

    expect(control.findSubscription(APP.appKey)).toMatchObject({ way: "stream" });
    const page = await (await fetch(`${url}/_control`)).text();
    expect(page).toContain("dingscenario000001: Stream, connections: 0");
  });

  test("offers a new suite ticket to a third-party app that subscribes", async () => {
    const { url, control } = await open();
    const receiver = await openReceiver();
    const { url: address, token, aesKey } = receiver;
    control.addApp({ appKey: "suite1", appSecret: "s", corpId: APP.corpId, kind: "isv" });
    await submit(url, { appKey: "suite1", url: address, token, aesKey });
    const body = new URLSearchParams({ appKey: "suite1" });
    const pressed = await fetch(`${url}/_control/suite-ticket`, { method: "POST", body, redirect: "manual" });
    await control.settleEvents();

    expect(pressed.status).toBe(303);
    expect(receiver.received.at(-1)?.payload).toMatchObject({
      EventType: "suite_ticket",
      SuiteKey: "suite1",
    });
    expect(await (await fetch(`${url}/_control`)).text()).toContain("Push a suite ticket");
  });

  test("refuses fields that the console refuses", async () => {
    const { url } = await open();
    const { status } = await submit(url, { url: "http://127.0.0.1:1/", token: "t", aesKey: "short" });

    expect(status).toBe(400);
  });
});

test("the page shows group robots with their messages", async () => {
  const { url, control } = await open();
  control.addRobot({ accessToken: "robot1", secret: "SEC1" });
  await fetch(`${url}/robot/send?access_token=robot1`, { method: "POST" });
  control.addRobot({ accessToken: "robot2", secret: null });
  await fetch(`${url}/robot/send?access_token=robot2`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ msgtype: "text", text: { content: "<b>" } }),
  });
  const page = await (await fetch(`${url}/_control`)).text();

  expect(page).toContain("<code>/robot/send?access_token=robot1</code>, secret <code>SEC1</code>");
  expect(page).toContain("text {&#34;content&#34;:&#34;&#60;b&#62;&#34;}");
});

test("the reset keeps subscriptions, because Dingkeep would not notice their removal", async () => {
  const { press, control } = await open();
  const [url, token, aesKey] = ["http://127.0.0.1:1/", "token", "a".repeat(43)];
  await control.subscribeEvents(APP.appKey, { url, token, aesKey, isChecked: false });
  await press("recover");

  expect(control.findSubscription(APP.appKey)).toMatchObject({ url });
});

test("small changes are few, and different each time", async () => {
  const { scenarios, control } = await open(500);
  const departments = () => control.getOrganization(APP.corpId).departments;
  const before = departments();
  for (let time = 0; time < 3; time += 1) scenarios.churn();

  expect(new Set(scenarios.listEvents().map(({ text }) => text)).size).toBeGreaterThan(1);
  expect(Math.abs(departments() - before)).toBeLessThan(20);
});

test("an unknown scenario is refused", async () => {
  const { press } = await open();
  expect((await press("fire")).status).toBe(404);
});
