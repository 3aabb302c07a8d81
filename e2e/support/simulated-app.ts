import { expect, type Page } from "@playwright/test";
import { E2E_APP as SIMULATED_APP } from "@/lib/testing/e2e-run";
import { encodeArguments, postAction, stateOf } from "./call-action";
import { makeSimulatedApp } from "./own-app";
import { builtAction } from "./routes";

export { SIMULATED_APP };

type Pair = { readonly appKey: string; readonly appSecret: string };

/** Fills the connect form and starts its test. */
export async function enterPair(page: Page, organizationPath: string, pair: Pair): Promise<void> {
  await page.goto(`${organizationPath}/apps/new`);
  await page.getByLabel("Name", { exact: true }).fill("生产通讯录");
  await page.getByLabel("AppKey (Client ID)").fill(pair.appKey);
  await page.getByLabel("AppSecret (Client Secret)").fill(pair.appSecret);
  await page.getByRole("button", { name: "Test connection" }).click();
}

/** Fills the connect form, tests it and waits for the result. */
export async function testConnection(page: Page, organizationPath: string, pair: Pair): Promise<void> {
  await enterPair(page, organizationPath, pair);
  await expect(page.getByRole("region", { name: "Test result" })).toBeVisible();
}

/** Connects an app with the form, by default the simulated one, and returns its path. */
export async function connectAppByForm(
  page: Page,
  organizationPath: string,
  pair: Pair = SIMULATED_APP,
): Promise<string> {
  await testConnection(page, organizationPath, pair);
  await page.getByRole("button", { name: "Save and start syncing" }).click();
  await page.waitForURL(/\/apps\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}

/**
 * Connects an app with the form's request; opens no page. Returns the app's path; its first sync has begun.
 *
 * @param pair default: a new simulated app, because limits are per AppKey and tests run at the same time
 */
export async function connectApp(page: Page, organizationPath: string, pair?: Pair): Promise<string> {
  const [, , organization = ""] = organizationPath.split("/");
  const action = { id: builtAction("connectAppAction").id, path: `${organizationPath}/apps/new` };
  const { appKey, appSecret } = pair ?? (await makeSimulatedApp());
  const form = { appKey, appSecret, name: "生产通讯录", corpId: "", agentId: "" };
  const response = await postAction(page, action, { multipart: encodeArguments({ organization, form }) });
  const [path] = response.headers()["x-action-redirect"]?.split(";") ?? [];
  if (!path) throw new Error(`the app was not connected: ${(await stateOf(response)).status}`);
  return path;
}
