import type { BrowserContext } from "@playwright/test";
import { parsePublicId } from "@/lib/public-id";
import { withDatabase } from "./support/database";
import { expect, makePerson, test } from "./support/fixtures";
import { ORIGIN } from "./support/origin";
import { cookiesOf } from "./support/page-sizes";
import { plantPerson, plantSession } from "./support/plant-person";
import { call, connectByAction, LISTSUB, makeApp } from "./support/secret-places";
import { withFault } from "./support/simulator";
import { newestRun } from "./support/synced-app";

/** Opens a run's event stream and waits for its first event. @returns a function that tells if the stream has ended */
async function follow(context: BrowserContext, feed: string): Promise<() => boolean> {
  const { body } = await fetch(ORIGIN + feed, { headers: { cookie: await cookiesOf(context) } });
  const reader = body?.getReader();
  await reader?.read();
  let isEnded = false;
  const end = () => {
    isEnded = true;
  };
  const rest = async () => {
    while (!(await reader?.read())?.done);
  };
  void rest().then(end, end);
  return () => isEnded;
}

/** Signs out with the request that the menu sends. */
async function signOut({ request }: BrowserContext): Promise<void> {
  const { csrfToken } = (await (await request.get("/api/auth/csrf")).json()) as { csrfToken: string };
  await request.post("/api/auth/signout", { headers: { origin: ORIGIN }, form: { csrfToken, json: "true" } });
}

test("S1 an open progress stream ends with the session and with the membership", async ({
  page,
  newBrowser,
  answers,
}) => {
  test.setTimeout(90_000);
  const person = makePerson();
  const path = await plantPerson(page, person);
  const other = await newBrowser();
  await plantSession(other, person.email);
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
    const [mine, theirs] = [await follow(page.context(), feed), await follow(other, feed)];

    await signOut(page.context());
    await expect.poll(mine).toBe(true);
    expect(theirs(), "the stream of the other session continues").toBe(false);

    await withDatabase((client) =>
      client.query("DELETE FROM memberships WHERE organization_id = $1", [
        parsePublicId(path.split("/")[2] ?? ""),
      ]),
    );
    await expect.poll(theirs).toBe(true);
    expect((await newest())?.state, "the run continues").toBe("running");
  });
});
