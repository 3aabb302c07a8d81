import type { Page } from "@playwright/test";
import { callAction } from "./support/call-action";
import { hashOfOrganization } from "./support/database";
import { expect, makePerson, signUp, test } from "./support/fixtures";
import { builtActions, builtRoutes } from "./support/routes";
import { connectApp } from "./support/simulated-app";

const UNKNOWN_ORGANIZATION = "01234567890123456789abcdef".slice(0, 26);
const UNKNOWN_ID = "01890000-0000-7000-8000-000000000000";

/** The ids that an organization's addresses are made of. */
type Ids = { readonly organization: string; readonly app: string; readonly run: string };

async function makeVictim(page: Page): Promise<Ids> {
  const path = await signUp(page, makePerson());
  const app = await connectApp(page, path);
  await page.goto(`${app}/syncs`);
  await page.getByRole("link", { name: "Sync #1" }).click();
  await page.waitForURL(/\/syncs\/[0-9a-f-]{36}$/);
  await expect(page.getByText("Completed").first()).toBeVisible();
  const run = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  return { organization: path.split("/")[2] ?? "", app: app.split("/").at(-1) ?? "", run };
}

const fill = (route: string, ids: Ids) =>
  route.replace("[organization]", ids.organization).replace("[app]", ids.app).replace("[run]", ids.run);

/**
 * The rows of a page's payload, in an order of their own: they are sent as their parts are done, numbered as
 * they are begun, and cut into scripts wherever that falls, none of which says anything of what is in them.
 */
const inOrder = (page: string): string =>
  page
    .replace(/"\]\)<\/script><script[^>]*>self\.__next_f\.push\(\[1,"/g, "")
    .split(/\\n|\n/)
    .map((row) => row.replace(/^[0-9a-f]*:/, "").replace(/\$[LQ@]?[0-9a-f]+(?=[":\\])/g, "$"))
    .sort()
    .join("\n");

/** What a browser sees, with everything taken out that differs from request to request or names the address itself. */
async function seen(page: Page, path: string, ids: Ids): Promise<string> {
  const response = await page.request.get(path, { maxRedirects: 0 });
  let body = await response.text();
  for (const id of Object.values(ids)) body = body.replaceAll(id, "ID");
  body = body
    .replace(/nonce="[^"]*"|"nonce":"[^"]*"|nonce\\":\\"[^"]*\\"/g, "")
    .replace(/[0-9a-zA-Z+/]{22}==/g, "");
  return `${response.status()} ${inOrder(body)}`;
}

test("S15 nobody reads or changes what is another organization's, by any route or action, and it looks like nothing", async ({
  page,
  newBrowser,
}) => {
  test.setTimeout(180_000);
  const theirs = await makeVictim(page);
  const attacker = await (await newBrowser()).newPage();
  const ownPath = await signUp(attacker, makePerson());
  const own = ownPath.split("/")[2] ?? "";
  const before = await hashOfOrganization(`/o/${theirs.organization}`);

  const unknown: Ids = { organization: UNKNOWN_ORGANIZATION, app: UNKNOWN_ID, run: UNKNOWN_ID };
  const routes = builtRoutes().filter((route) => route.includes("[organization]"));
  expect(routes.length).toBeGreaterThan(7);
  for (const route of routes) {
    const foreign = await seen(attacker, fill(route, theirs), theirs);
    expect(foreign, route).toMatch(/^404 /);
    expect(foreign, route).toBe(await seen(attacker, fill(route, unknown), unknown));
    if (!route.includes("[app]")) continue;
    const mixed = { ...theirs, organization: own };
    expect(await seen(attacker, fill(route, mixed), mixed), `${route} with one's own organization`).toBe(
      await seen(attacker, fill(route, { ...unknown, organization: own }), { ...unknown, organization: own }),
    );
  }

  const actions = builtActions().filter(({ file }) => file.includes("[organization]"));
  expect(actions.length).toBeGreaterThan(5);
  const path = ownPath;
  for (const { id, name } of actions) {
    const call = (organization: string, { app, run }: Ids) =>
      callAction(
        attacker,
        { id, path },
        {
          organization,
          form: {
            app,
            run,
            name: "taken over",
            typed: "生产通讯录",
            appSecret: "stolen",
            syncEveryHours: "6",
            corpId: "",
            agentId: "",
            appKey: "stolen",
          },
        },
      );
    const foreign = await call(theirs.organization, theirs);
    expect(foreign, name).toEqual(await call(unknown.organization, unknown));
    expect(foreign, name).toMatchObject({ state: { status: "failed", message: { key: "error.not_found" } } });
    if (!/App|Secret|Sync/.test(name) || /connect/i.test(name)) continue;
    expect(await call(own, theirs), `${name} with one's own organization`).toEqual(await call(own, unknown));
  }

  expect(await hashOfOrganization(`/o/${theirs.organization}`)).toEqual(before);
});

test("S4 an action without our own Origin is refused, whatever Host says", async ({ page }) => {
  const path = await signUp(page, makePerson());
  const action = builtActions().find(({ name }) => name === "renameOrganizationAction");
  const origin = new URL(page.url()).origin;
  for (const headers of [
    {},
    { origin: "https://evil.example" },
    { origin: "https://evil.example", host: "evil.example" },
  ]) {
    const response = await page.request.fetch(origin + path, {
      method: "POST",
      headers: { "next-action": action?.id ?? "", ...headers },
      multipart: { "0": "[]" },
    });
    expect(response.status(), JSON.stringify(headers)).toBe(403);
  }
});
