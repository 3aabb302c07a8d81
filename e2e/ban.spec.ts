import { makeApiKey } from "./support/api-key";
import { expectNoViolations, setLanguage } from "./support/axe";
import { withDatabase } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { addFault, addFaultForAll, makeSimulatedApp, removeFault } from "./support/own-app";
import { plantPerson } from "./support/plant-person";
import { connectApp } from "./support/simulated-app";

// Runs after all other tests: while DingTalk bans the server's IP address, the calls of every test wait.

const endBan = () => withDatabase((client) => client.query("UPDATE egress_ban SET ends_at = now()"));
const countBans = () =>
  withDatabase(
    async (client) => (await client.query("SELECT FROM egress_ban WHERE ends_at > now()")).rowCount,
  );

test("every organization sees a ban of the server's IP address until it ends", async ({
  page,
  request,
  newBrowser,
}) => {
  const organization = await plantPerson(page, makePerson());
  const pair = await makeSimulatedApp();
  await connectApp(page, organization, pair);
  const key = await makeApiKey(page, organization, "erp-prod", ["gateway:read"]);
  const other = await (await newBrowser()).newPage();
  const theirs = await plantPerson(other, makePerson());
  await other.goto(theirs);
  await expect(other.getByText("blocking this server's IP address")).toHaveCount(0);

  // The probe that confirms a ban calls this path. Set first, because the app's first sync may meet its fault at once.
  const faultOfAll = await addFaultForAll("gettoken", { kind: "ban_page" });
  const apps = await addFault(pair.appKey, { kind: "ban_page" });
  const answer = await request.post("/dingtalk/topapi/v2/department/get", {
    headers: { authorization: `Bearer ${key}` },
    data: { dept_id: 1 },
  });
  expect(answer.status()).toBe(429);
  expect(Number(answer.headers()["retry-after"])).toBeGreaterThan(0);
  // A call of the first sync may still be confirming the ban.
  await expect.poll(countBans).toBe(1);

  await page.goto(`${organization}/calls`);
  await expect(page.getByText("DingTalk is temporarily blocking this server's IP address")).toBeVisible();
  await expectNoViolations(page);
  await setLanguage(other, "zh-CN");
  await other.clock.install();
  await other.goto(`${theirs}/settings`);
  const banner = other.getByText("服务器出口\u2009IP\u2009被钉钉限流");
  await expect(banner).toBeVisible();

  // Another call that meets the ban would be confirmed by the last probe, whose result is cached for 10 s.
  for (const fault of [apps, faultOfAll]) await removeFault(fault);
  await endBan();
  await expect(async () => {
    // The page refreshes every 15 s
    await other.clock.fastForward(16_000);
    await expect(banner).toHaveCount(0, { timeout: 1_000 });
  }).toPass();
});
