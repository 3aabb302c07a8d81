import type { Page } from "@playwright/test";
import { expect, makePerson, test } from "./support/fixtures";
import { waitForUpdate } from "./support/live-page";
import { addFault, makeSimulatedApp, removeFault } from "./support/own-app";
import { plantCalls } from "./support/plant-calls";
import { plantDirectory } from "./support/plant-directory";
import { plantNotice } from "./support/plant-notice";
import { plantPerson } from "./support/plant-person";
import { MISSING_PERMISSION, plantState } from "./support/plant-run";
import { connectAndSync } from "./support/synced-app";

// Announcements and focus for users of keyboards and screen readers.

const announcement = (page: Page) => page.locator("#status");
const heading = (page: Page) => page.getByRole("heading", { level: 1 });

/** Presses Tab until the target has the focus. */
async function tabTo(page: Page, target: ReturnType<Page["locator"]>): Promise<void> {
  for (let stops = 0; stops < 80; stops++) {
    await page.keyboard.press("Tab");
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`the keyboard doesn't reach ${String(target)}`);
}

test("errors of the key form get the focus in the page's order and disappear as soon as they are fixed", async ({
  page,
}) => {
  const organization = await plantPerson(page, makePerson());
  const app = await plantDirectory(organization, [{ id: 1 }]);
  await plantState(app, { state: "verified", name: "Payroll" });
  await page.goto(`${organization}/api-keys/new`);
  await tabTo(page, page.getByLabel("Name"));
  await page.keyboard.type("erp-prod");
  await tabTo(page, page.getByLabel("All current and future apps"));
  await page.keyboard.press("ArrowDown");
  await tabTo(page, page.getByLabel("Allowed IP addresses (optional)"));
  await page.keyboard.type("no address");
  await tabTo(page, page.getByLabel("Requests per minute"));
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("0");
  await page.keyboard.press("Enter");

  const needed = page.getByText("This field is required");
  await expect(needed, "errors of scopes and apps").toHaveCount(2);
  await expect(needed.first()).toBeFocused();
  await expect(page.getByText("Enter a whole number from 1 to 60,000")).toBeVisible();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Space");
  await expect(needed).toHaveCount(1);
  await tabTo(page, page.getByLabel("Payroll"));
  await page.keyboard.press("Space");
  await expect(needed).toHaveCount(0);
  await tabTo(page, page.getByLabel("Allowed IP addresses (optional)"));
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("10.0.0.0/8");
  await expect(page.getByText("Enter an IP address or a network")).toHaveCount(0);
});

test("revoking a key is announced, and a failed copy is not announced as copied", async ({ page }) => {
  // Like a page without TLS
  await page.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "clipboard"));
  const organization = await plantPerson(page, makePerson());
  await page.goto(`${organization}/api-keys/new`);
  await page.getByLabel("Name").fill("erp-prod");
  await page.getByLabel("Read apps").check();
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Copy key" }));
  await page.keyboard.press("Enter");
  await expect(announcement(page)).toHaveText("Couldn't copy. Select the text and copy it manually.");
  await tabTo(page, page.getByLabel("I've saved this key"));
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");

  await expect(heading(page)).toBeFocused();
  await tabTo(page, page.getByRole("button", { name: "Revoke erp-prod" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(announcement(page)).toHaveText("“erp-prod” was revoked");
  await expect(heading(page)).toBeFocused();
});

test("a search in the call log keeps the focus and announces its results, and the next page starts at the top", async ({
  page,
}) => {
  const organization = await plantPerson(page, makePerson());
  await plantCalls(organization, 110);
  await page.goto(`${organization}/calls`);
  const path = page.getByLabel("Path contains");
  await tabTo(page, path);
  await page.keyboard.type("contact/1");
  await page.keyboard.press("Enter");
  await expect(announcement(page)).toHaveText("22 calls listed");
  await expect(path).toBeFocused();
  await page.keyboard.type("nowhere");
  await page.keyboard.press("Enter");
  await expect(announcement(page)).toHaveText("No matching calls");
  await expect(path).toBeFocused();
  await tabTo(page, page.getByRole("link", { name: "Clear filters" }));
  await page.keyboard.press("Enter");
  await expect(announcement(page)).toHaveText("50 calls listed");
  await expect(path).toHaveValue("");

  const older = page.getByRole("link", { name: "Older" });
  await older.focus();
  await page.keyboard.press("Enter");
  await expect(heading(page), "the heading of the second page").toBeFocused();
  await older.focus();
  await page.keyboard.press("Enter");
  await expect(announcement(page)).toHaveText("10 calls listed");
  await expect(heading(page)).toBeFocused();
  await page.getByRole("link", { name: "Newer" }).focus();
  await page.keyboard.press("Enter");
  await expect(announcement(page)).toHaveText("50 calls listed");
  await expect(heading(page)).toBeFocused();
});

test("a new notice is announced, and the bell keeps the focus while it is open", async ({ page }) => {
  const organization = await plantPerson(page, makePerson());
  const app = await plantDirectory(organization, [{ id: 1 }]);
  await plantState(app, { state: "broken", name: "Payroll", reason: MISSING_PERMISSION });
  await page.clock.install();
  await page.goto(`${organization}/settings`);
  const bell = page.getByRole("button", { name: /^Notices/ });
  await expect(bell).toHaveAccessibleName("Notices");
  await plantNotice(app, { state: "broken", reason: MISSING_PERMISSION });
  await waitForUpdate(page, (soon) => expect(announcement(page)).toHaveText("Payroll: Broken", soon));

  await tabTo(page, bell);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Mark all as read" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(announcement(page)).toHaveText("All notices are marked as read");
  await expect(page.getByRole("menuitem", { name: /^Payroll: Broken/ })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(bell).toBeFocused();
});

test("a retry announces its result", async ({ page }) => {
  const organization = await plantPerson(page, makePerson());
  const pair = await makeSimulatedApp();
  const app = await connectAndSync(page, organization, pair);
  const fault = await addFault(pair.appKey, { kind: "errcode", errcode: 50_003 });
  await page.goto(app);
  await page.getByRole("button", { name: "Sync now" }).click();
  await page.waitForURL(/\/syncs\//);
  await expect(page.getByText("The app is disabled in DingTalk").first()).toBeVisible();
  await page.goto(app);
  const again = page.getByRole("button", { name: "Try again now" });
  await tabTo(page, again);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "Still not working" })).toBeVisible();
  await expect(again).toBeFocused();

  await removeFault(fault);
  await page.keyboard.press("Enter");
  await expect(announcement(page)).toHaveText(/: Working$/);
  await expect(heading(page)).toBeFocused();

  const more = page.getByRole("button", { name: "More actions" });
  await tabTo(page, more);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Test connection" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(more).toBeFocused();
  const result = page.getByRole("region", { name: "Test result" });
  await expect(result.getByRole("status")).toHaveText("Test finished: 4 passed, 0 failed");
  const below = ((await result.boundingBox())?.y ?? 0) - ((await more.boundingBox())?.y ?? 0);
  expect(below, "the result has a margin to the buttons").toBeGreaterThanOrEqual(36 + 16);
});
