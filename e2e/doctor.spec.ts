import { APPEARANCES, expectNoViolations, switchAppearance } from "./support/axe";
import { expect, makePerson, test } from "./support/fixtures";
import { changeSimulatedApp, makeSimulatedApp } from "./support/own-app";
import { plantPerson } from "./support/plant-person";
import { connectApp } from "./support/simulated-app";
import { callsOf } from "./support/simulator";

const TITLES = { "zh-CN": "诊断", en: "Doctor" } as const;
const PERMISSIONS = [
  "qyapi_base",
  "qyapi_get_department_list",
  "qyapi_get_department_member",
  "fieldMobile",
  "fieldEmail",
];

test("the doctor names a missing permission and its page in DingTalk's console, and passes once it is granted", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const path = await plantPerson(page, makePerson());
  const pair = await makeSimulatedApp({ settings: { legacyDepartmentApi: "open" } });
  const app = await connectApp(page, path, pair);
  await changeSimulatedApp(pair.appKey, { permissions: PERMISSIONS });
  await page.goto(app);

  await page.getByRole("link", { name: "Doctor" }).click();
  await expect(page.getByText("No checks yet")).toBeVisible();
  const main = page.locator("#main");
  const about = (name: string) =>
    page.getByRole("listitem").filter({ has: page.getByRole("button", { name: `Check again: ${name}` }) });
  const callsToUsers = async () =>
    (await callsOf(pair.appKey)).filter(({ path: called }) => called === "topapi/user/count").length;
  expect(await callsToUsers()).toBe(0);

  await page.getByRole("button", { name: "Check everything" }).click();
  await expect(main).toContainText("14 passed · 0 warnings · 1 needs action", { timeout: 20_000 });
  const member = about("Member details");
  await expect(member).toContainText("Failed");
  await expect(member.getByRole("heading")).toContainText("成员信息读权限");
  await expect(member.getByRole("list", { name: "What to do" })).toContainText("权限管理");
  await member.getByRole("button", { name: "Copy permission code qyapi_get_member" }).first().click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("qyapi_get_member");

  await page.getByRole("button", { name: "Copy report" }).click();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect(report).toMatch(/Failed · Member details · .*60011/);
  expect(report).not.toContain(pair.appSecret);

  await page.reload();
  await expect(about("List members")).toContainText("Passed");
  expect(await callsToUsers()).toBe(1);
  for (const appearance of APPEARANCES) {
    const { language } = appearance;
    await switchAppearance(page, appearance);
    await expect(page.getByRole("heading", { level: 1, name: TITLES[language] })).toBeVisible();
    await expectNoViolations(page, `doctor ${language}`);
  }

  await changeSimulatedApp(pair.appKey, { permissions: [...PERMISSIONS, "qyapi_get_member"] });
  await member.getByRole("button", { name: "Check again: Member details" }).click();
  await expect(main).toContainText("15 passed · 0 warnings · 0 need action", { timeout: 20_000 });
  await expect(member).toContainText("Passed");
  expect(await callsToUsers()).toBe(1);
  expect(new URL(page.url()).pathname).toBe(`${app}/doctor`);
});
