import type { Page } from "@playwright/test";
import { withDatabase } from "./support/database";
import { expect, makePerson, type Person, test } from "./support/fixtures";
import { addFault, changeSimulatedApp, makeSimulatedApp } from "./support/own-app";
import { plantPerson } from "./support/plant-person";
import { connectApp, testConnection } from "./support/simulated-app";

/** Sets the time of the password's confirmation to an hour ago. */
const expirePasswordConfirmation = ({ email }: Person) =>
  withDatabase((client) =>
    client.query(
      `UPDATE sessions SET password_confirmed_at = now() - interval '1 hour'
       WHERE user_id = (SELECT id FROM users WHERE email = $1)`,
      [email],
    ),
  );

const unsavedDialog = (page: Page) =>
  page.getByRole("dialog", { name: "You have unsaved changes. Leave anyway?" });

test("S10 an app is renamed, and its secret is replaced once the new one works and the password is confirmed", async ({
  page,
}) => {
  const person = makePerson();
  const path = await plantPerson(page, person);
  const simulated = await makeSimulatedApp();
  const app = await connectApp(page, path, simulated);
  await page.goto(`${app}/settings`);
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("   ");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("This field is required")).toBeVisible();
  await expect(name).toBeFocused();
  await name.fill('=HYPERLINK("https://evil.example") <b>名称</b>');
  await expect(page.getByText("This field is required")).toHaveCount(0);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("main").getByText("Saved", { exact: true })).toBeVisible();

  await expirePasswordConfirmation(person);
  const secret = page.getByLabel("New AppSecret");
  await secret.fill("not-the-secret");
  await page.getByRole("button", { name: "Test and replace" }).click();
  const password = page.getByLabel("Your password");
  await expect(password, "the requested field has the focus").toBeFocused();
  await password.fill("not the password");
  await page.getByRole("button", { name: "Test and replace" }).click();
  await expect(page.getByText("Incorrect password")).toBeVisible();
  await password.fill(person.password);
  await page.getByRole("button", { name: "Test and replace" }).click();
  await expect(page.getByRole("heading", { name: "AppKey and AppSecret don't match" })).toBeFocused();
  await expect(secret, "the input stays").toHaveValue("not-the-secret");

  await page.reload();
  await expect(
    page.getByText(`last four ${simulated.appSecret.slice(-4)}`),
    "the old secret is still stored",
  ).toBeVisible();
  await changeSimulatedApp(simulated.appKey, { appSecret: "renewed-secret-c3d4" });
  await secret.fill("renewed-secret-c3d4");
  await page.getByRole("button", { name: "Test and replace" }).click();
  await expect(page.getByText("The AppSecret was replaced")).toBeVisible();
  await expect(secret).toHaveValue("");
  await expect(page.getByText("last four c3d4")).toBeVisible();

  await page.goto(app);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(
    '=HYPERLINK("https://evil.example") <b>名称</b>',
  );
});

test("deleting an organization requires typing its name, lists what is deleted, and leaves no rows", async ({
  page,
}) => {
  const person = makePerson();
  const path = await plantPerson(page, person);
  await connectApp(page, path, await makeSimulatedApp());
  await page.goto(`${path}/settings`);
  await page.getByRole("button", { name: "Delete organization" }).click();
  const dialog = page.getByRole("dialog");
  const typed = dialog.getByRole("textbox");
  await expect(typed).toBeFocused();
  await expect(dialog.getByText("1 app with credentials and tokens")).toBeVisible();
  await typed.fill("another name");
  await dialog.getByRole("button", { name: "Delete organization" }).click();
  await expect(dialog.getByText("The name doesn't match")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Delete organization" })).toBeFocused();

  await page.keyboard.press("Enter");
  await typed.fill(person.organization);
  await typed.press("Enter");
  await page.waitForURL("**/account");
  await expect(page.locator("#status")).toContainText(person.organization);
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  const notFound = await page.goto(path);
  expect(notFound?.status()).toBe(404);
});

test("unsaved changes ask for confirmation before a link, the browser's Back and closing the tab", async ({
  page,
}) => {
  const path = await plantPerson(page, makePerson());
  await page.goto(path);
  await page.getByRole("link", { name: "Settings" }).click();
  const name = page.getByRole("textbox");
  await expect(name).toBeVisible();
  await page.getByRole("link", { name: "Apps", exact: true }).click();
  await page.waitForURL(`**${path}/apps`);
  await page.getByRole("link", { name: "Settings" }).click();
  await name.fill("typed and not saved");

  await page.getByRole("link", { name: "Apps", exact: true }).click();
  await expect(unsavedDialog(page).getByRole("button", { name: "Keep editing" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(name).toHaveValue("typed and not saved");
  // Playwright's goBack would wait for a navigation that doesn't happen.
  await page.evaluate(() => history.back());
  await unsavedDialog(page).getByRole("button", { name: "Keep editing" }).click();
  await expect(page).toHaveURL(new RegExp(`${path}/settings$`));

  const asked = page.waitForEvent("dialog");
  // Not awaited, because Playwright's close never ends after a dismissed dialog.
  void page.reload().catch(() => null);
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();
  await expect(name).toHaveValue("typed and not saved");

  await page.getByRole("link", { name: "Apps", exact: true }).click();
  await unsavedDialog(page).getByRole("button", { name: "Leave" }).click();
  await page.waitForURL(`**${path}/apps`);
  await page.getByRole("link", { name: "Settings" }).click();
  await name.fill("saved");
  await name.press("Enter");
  await expect(page.getByRole("main").getByText("Saved", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Apps", exact: true }).click();
  await page.waitForURL(`**${path}/apps`);
});

for (const isLost of [false, true]) {
  const title = isLost
    ? "the browser confirms leaving unsaved changes if the dialog's code can't be loaded"
    : "a click on a link waits for the code of the dialog about unsaved changes";
  test(title, async ({ page, pageErrors }) => {
    const path = await plantPerson(page, makePerson());
    await page.goto(`${path}/settings`, { waitUntil: "networkidle" });
    const asked = Promise.withResolvers<void>();
    await page.route("**/_next/static/chunks/**", async (route) => {
      await asked.promise;
      await (isLost ? route.abort() : route.fallback());
    });
    const native: string[] = [];
    page.on("dialog", async (dialog) => {
      native.push(dialog.type());
      await dialog.dismiss();
    });
    await page.getByRole("textbox").fill("typed and not saved");
    await page.getByRole("link", { name: "Apps", exact: true }).click();
    asked.resolve();
    if (!isLost) await unsavedDialog(page).getByRole("button", { name: "Keep editing" }).click();
    await expect.poll(() => native).toEqual(isLost ? ["confirm"] : []);
    await expect(page).toHaveURL(new RegExp(`${path}/settings$`));
    await expect(page.getByRole("textbox")).toHaveValue("typed and not saved");
    // The warning must not appear again on the next page.
    await page.close();
    const lost = pageErrors.filter((line) => line.includes("ERR_FAILED"));
    expect(pageErrors.splice(0)).toEqual(isLost ? lost : []);
  });
}

test("the app form cleans up pasted text, keeps the input after failures, and saves a draft", async ({
  page,
  context,
  pageErrors,
}) => {
  const path = await plantPerson(page, makePerson());
  await page.goto(`${path}/apps/new`);

  await test.step("text that was pasted with an AppKey is removed with a message", async () => {
    const key = page.getByLabel("AppKey (Client ID)");
    await key.fill("\u3000dingabc def ");
    await key.blur();
    await expect(key).toHaveValue("dingabcdef");
    const main = page.getByRole("main");
    await expect(main.getByText("Spaces and line breaks in the pasted value were removed")).toBeVisible();
    await page.getByLabel("AppSecret (Client Secret)").fill("dingabcdef");
    await expect(main.getByText("The AppSecret is the same as the AppKey")).toBeVisible();
  });

  await test.step("a lost connection keeps the input, and a button sends it again", async () => {
    const simulated = await makeSimulatedApp();
    await page.getByLabel("AppKey (Client ID)").fill(simulated.appKey);
    await page.getByLabel("AppSecret (Client Secret)").fill(simulated.appSecret);
    await context.setOffline(true);
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "Can't reach the server" })).toBeVisible();
    await expect(
      page.getByText("This field is required"),
      "the test also reports the missing name",
    ).toBeVisible();
    await context.setOffline(false);
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByText("4 passed, 0 failed")).toBeVisible();
    await expect(
      page.getByLabel("Name", { exact: true }),
      "the next required field has the focus",
    ).toBeFocused();
    // The browser logs the lost connection on its console.
    const cutOff = pageErrors.filter((line) => line.includes("ERR_INTERNET_DISCONNECTED"));
    expect(pageErrors.splice(0)).toEqual(cutOff);
  });

  await test.step("an answer that doesn't come from DingTalk is reported, and the input stays", async () => {
    const simulated = await makeSimulatedApp();
    const signInPage = "<html><title>Sign in to the company's network</title></html>";
    await addFault(simulated.appKey, { kind: "body", body: signInPage, contentType: "text/html" });
    await testConnection(page, path, simulated);
    await expect(page.getByRole("heading", { name: "The response didn't come from DingTalk" })).toBeFocused();
    await expect(page.getByText(signInPage, { exact: true })).toBeVisible();
    await expect(page.getByRole("status").filter({ hasText: "Test finished" })).toContainText("1 failed");
    await expect(page.getByLabel("AppSecret (Client Secret)")).toHaveValue(simulated.appSecret);
    await expect(page.getByRole("button", { name: "Save and start syncing" })).toBeDisabled();
  });

  await test.step("an app without a permission is saved as a draft and completed once it has it", async () => {
    const simulated = await makeSimulatedApp({ permissions: ["qyapi_base"] });
    await testConnection(page, path, simulated);
    await expect(
      page.getByRole("heading", {
        name: "Missing permission “通讯录部门信息读权限 (qyapi_get_department_list)”",
      }),
    ).toBeFocused();
    await page.getByRole("button", { name: "Save as a draft anyway" }).click();
    await page.waitForURL(/\/apps\/[0-9a-f-]{36}$/);
    await expect(page.getByText("Draft").first()).toBeVisible();

    await changeSimulatedApp(simulated.appKey, { permissions: ["qyapi_base", "qyapi_get_department_list"] });
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByText("Working").first()).toBeVisible();
    await expect(page.getByText("Draft")).toHaveCount(0);
  });
});
