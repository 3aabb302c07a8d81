import type { Page } from "@playwright/test";
import { parsePublicId } from "@/lib/public-id";
import { withDatabase } from "./support/database";
import { expect, makePerson, signIn, test } from "./support/fixtures";
import { plantPerson } from "./support/plant-person";
import { call, connectByAction, LISTSUB, makeApp } from "./support/secret-places";
import { withFault } from "./support/simulator";
import { newestRun } from "./support/synced-app";

/** Follows a run's feed as its page does. @returns once it has begun; the page then knows when it has ended */
async function follow(page: Page, feed: string): Promise<{ isEnded: () => Promise<boolean> }> {
  await page.evaluate(async (address) => {
    const reader = (await fetch(address)).body?.getReader();
    await reader?.read();
    const rest = async () => {
      while (!(await reader?.read())?.done);
    };
    const end = () => Reflect.set(window, "isEnded", true);
    void rest().then(end, end);
  }, feed);
  return { isEnded: () => page.evaluate(() => Reflect.get(window, "isEnded") === true) };
}

test("S1 an open progress stream ends with its session, and with its place in the organization", async ({
  page,
  newBrowser,
  answers,
}) => {
  test.setTimeout(90_000);
  const person = makePerson();
  const path = await plantPerson(page, person);
  await page.goto(path);
  const other = await (await newBrowser()).newPage();
  await signIn(other, person);
  await other.waitForURL(`**${path}`);
  const caller = { page, path, answers };
  const pair = await makeApp("not-a-secret-of-anybody");
  const app = await connectByAction(caller, pair);
  const appPath = `${path}/apps/${app}`;
  const newest = () => withDatabase((client) => newestRun(client, appPath));
  await expect.poll(async () => (await newest())?.state).toBe("succeeded");

  await withFault({ path: LISTSUB, appKey: pair.appKey, fault: { kind: "hang" } }, async () => {
    await call(caller, "startSyncAction", { app });
    await expect.poll(async () => (await newest())?.state).toBe("running");
    const feed = `${appPath}/syncs/${(await newest())?.id}/progress`;
    const [mine, theirs] = [await follow(page, feed), await follow(other, feed)];

    await page
      .context()
      .newPage()
      .then(async (tab) => {
        await tab.goto(path);
        await tab.getByRole("button", { name: "Account menu" }).click();
        await tab.getByRole("menuitem", { name: "Sign out" }).click();
        await tab.waitForURL("**/sign-in");
      });
    await expect.poll(mine.isEnded).toBe(true);
    expect(await theirs.isEnded(), "another session's goes on").toBe(false);

    await withDatabase((client) =>
      client.query("DELETE FROM memberships WHERE organization_id = $1", [
        parsePublicId(path.split("/")[2] ?? ""),
      ]),
    );
    await expect.poll(theirs.isEnded).toBe(true);
    expect((await newest())?.state, "it was not the run that ended").toBe("running");
  });
});
